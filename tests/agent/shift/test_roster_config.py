"""agent.toml's word on shifts: a file or an https feed, and nothing that is said again in an error."""

from pathlib import Path

import pytest

from agent.collect.host import LocalHost
from agent.config import ConfigError, Roster, load
from agent.places import Places


def roster(folder: Path, text: str) -> Roster | None:
    (folder / "agent.toml").write_text(text)
    places = Places(state=folder, runtime=folder, config=folder, system_config=folder / "none")
    return load(places, LocalHost(environ={"HOME": "/home/clin"})).roster


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("[shift]", None),
        ('[shift]\nroster = "~/roster.ics"', Roster(file="/home/clin/roster.ics")),
        ('[shift]\nroster = "/srv/roster.ics"\nminutes_before = 45', Roster(file="/srv/roster.ics", minutes_before=45)),
        ('[shift]\nroster = "https://r.example/a?b=c"', Roster(feed="https://r.example/a?b=c")),
    ],
)
def test_it_is_read(tmp_path: Path, text: str, expected: Roster | None) -> None:
    assert roster(tmp_path, text) == expected


@pytest.mark.parametrize(
    "value",
    ["http://r.example/secret", "https://user:secret@r.example/", "https:///secret", "https://r.example/#secret",
     "https://r.example:99999/secret", "https://r.example/se cret", "ftp://secret", "secret.ics",
     "https://r.example/secr\u00e9t", "webcal://r.example/secret", "https://[secret"],
)  # fmt: skip
def test_any_other_address_is_refused_and_not_repeated(tmp_path: Path, value: str) -> None:
    with pytest.raises(ConfigError, match=r"shift\.roster") as caught:
        roster(tmp_path, f'[shift]\nroster = "{value}"')
    assert "secr" not in str(caught.value)


@pytest.mark.parametrize("line", ["minutes_before = -1", "minutes_before = 241", "minutes_before = true", "other = 1",
                                  'minutes_before = "30"', "roster = 7"])  # fmt: skip
def test_what_makes_no_sense_is_refused(tmp_path: Path, line: str) -> None:
    with pytest.raises(ConfigError, match="shift"):
        roster(tmp_path, f"[shift]\n{line}")
