"""Waivers: notes of the practice, read from its own folder, refused whole when wrong."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from fakes import NOON

from agent.collect.host import LocalHost
from agent.places import Places
from agent.waivers import Waivers, waivers

UID = "11111111-1111-5111-8111-111111111111"
GOOD = f"""
[[waiver]]
uid = "{UID}"
who = "Practice IT"
why = "a new laptop is ordered"
until = 2026-12-24T00:00:00+10:00
"""


def read(folder: Path, text: str | None) -> Waivers:
    places = Places(state=folder, runtime=folder, config=folder / "user", system_config=folder)
    if text is not None:
        (folder / "waivers.toml").write_text(text)
    return waivers(places, LocalHost(environ={"HOME": "/"}), now=NOON)


def test_no_file_waives_nothing_and_is_no_problem(tmp_path: Path) -> None:
    assert read(tmp_path, None) == Waivers()


def test_waiver_is_read_with_its_end_in_utc(tmp_path: Path) -> None:
    (one,) = read(tmp_path, GOOD).granted
    assert (one.uid, one.who, one.why) == (UID, "Practice IT", "a new laptop is ordered")
    assert one.until == datetime(2026, 12, 23, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[", "not TOML"),
        ("x = 1", "expected at most 100 tables"),
        ("waiver = 1", "expected at most 100 tables"),
        ("waiver = [1]", "waiver 1: expected the keys"),
        (GOOD * 101, "at most 100"),
        (GOOD.replace(UID, "me"), "waiver 1: uid"),
        (GOOD.replace("who", "whom"), "expected the keys"),
        (GOOD.replace("Practice IT", " "), "who: expected a line"),
        (GOOD.replace("Practice IT", "\\u001b[2J"), "who: expected a line"),
        (GOOD.replace("ordered", "x" * 300), "why: expected a line"),
        (GOOD.replace("+10:00", ""), "until: expected a moment"),
        (GOOD.replace("2026-12-24T00:00:00+10:00", '"soon"'), "until: expected a moment"),
        (GOOD + GOOD.replace(UID, "me"), "waiver 2: uid"),
        (GOOD.replace("2026-12-24", "2027-12-24"), "at most 90 days away"),
    ],
)
def test_wrong_file_waives_nothing_and_says_why(tmp_path: Path, text: str, said: str) -> None:
    found = read(tmp_path, text)
    assert found.granted == ()
    assert said in found.problem


def test_unreadable_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "waivers.toml").mkdir()
    assert "unreadable" in read(tmp_path, None).problem


def test_the_persons_own_folder_grants_nothing(tmp_path: Path) -> None:
    (tmp_path / "user").mkdir()
    (tmp_path / "user" / "waivers.toml").write_text(GOOD)
    assert read(tmp_path, None).granted == ()
