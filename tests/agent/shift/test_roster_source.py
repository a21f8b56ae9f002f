"""Where a roster comes from: a file, or a feed that may be down, changed, moved or somebody else's."""

import json
import os
import stat
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.shift.bounds import ROSTER_BYTES, RosterTrouble
from agent.shift.source import ELSEWHERE, FILE, KEPT_FOR, from_feed, from_file
from reports.deliver.errors import Reason, TransportError
from reports.deliver.https_door import Answer
from tests.agent.shift.roster_parts import NOW, SECRET, calendar, local

URL = "https://roster.example/feed/token-4711.ics?key=1"
GOOD = calendar(f"UID:a|DTSTART:20261122T070000|SUMMARY:{SECRET}")
LATER = calendar("UID:a|DTSTART:20261123T070000")
DOWN = TransportError(permanent=False, reason=Reason.TIMEOUT, sentence="")


class FeedServer:
    """Answers what it is told to, in turn, and remembers what it was asked."""

    def __init__(self, *answers: Answer | TransportError) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, str, dict[str, str]]] = []

    def ask(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, most_bytes: int | None = None
    ) -> Answer:
        assert most_bytes == ROSTER_BYTES
        self.asked.append((method, path, dict(headers or {})))
        answer = self.answers.pop(0)
        if isinstance(answer, TransportError):
            raise answer
        return answer


def good(body: bytes = GOOD, **headers: str) -> Answer:
    return Answer(status=200, kind="text/calendar", headers=headers, body=body)


def moved(location: str, status: int = 302) -> Answer:
    return Answer(status=status, kind="", headers={"location": location})


def test_a_file_is_read_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "roster.ics").write_bytes(GOOD)
    assert local(from_file(str(tmp_path / "roster.ics"), now=NOW).text.encode()) == ["22 07:00"]


@pytest.mark.parametrize("kind", ["nothing", "folder", "pipe", "large", "page"])
def test_a_file_that_is_none_is_said_without_its_name(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "my-secret-roster.ics"
    match kind:
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case "large":
            path.write_bytes(GOOD + b" " * ROSTER_BYTES)
        case "page":
            path.write_text("<html>")
    with pytest.raises(RosterTrouble) as caught:
        from_file(str(path), now=NOW)
    assert "secret" not in str(caught.value)
    assert str(caught.value).endswith((".", "?"))


def test_a_feed_is_asked_for_once_and_kept_without_its_words(tmp_path: Path) -> None:
    server = FeedServer(good(etag='"v1"'))
    roster = from_feed(URL, tmp_path / "shift", server, now=NOW)
    assert local(roster.text.encode()) == ["22 07:00"]
    assert server.asked == [("GET", "/feed/token-4711.ics?key=1", {"Accept": "text/calendar"})]
    kept = tmp_path / "shift" / FILE
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert not {word for word in (*SECRET.split(), "token-4711", "roster.example") if word in kept.read_text()}


def test_a_feed_that_has_not_changed_sends_nothing_and_is_fresh(tmp_path: Path) -> None:
    from_feed(URL, tmp_path, FeedServer(good(etag='W/"v1"')), now=NOW - timedelta(days=3))
    server = FeedServer(Answer(status=304, kind=""))
    roster = from_feed(URL, tmp_path, server, now=NOW)
    assert server.asked[0][2]["If-None-Match"] == 'W/"v1"'
    assert (roster.at, roster.trouble, local(roster.text.encode())) == (NOW, "", ["22 07:00"])


def test_a_changed_feed_takes_the_place_of_the_copy(tmp_path: Path) -> None:
    from_feed(URL, tmp_path, FeedServer(good()), now=NOW)
    from_feed(URL, tmp_path, FeedServer(good(LATER)), now=NOW)
    assert local(from_feed(URL, tmp_path, FeedServer(DOWN), now=NOW).text.encode()) == ["23 07:00"]


BAD = {
    "down": DOWN,
    "gone": Answer(status=404, kind=""),
    "error": Answer(status=500, kind="", body=GOOD),
    "sign-in page": good(b"<html>Guest Wi-Fi</html>"),
    "another host": moved("https://evil.example/feed"),
    "another port": moved("https://roster.example:8443/feed"),
    "another scheme": moved("http://roster.example/feed"),
    "a file": moved("file:///etc/passwd"),
    "nowhere": moved(""),
    "an odd address": moved("https://roster.example/\r\nHost: evil"),
    "a broken address": moved("https://[::1/"),
}


@pytest.mark.parametrize("bad", BAD)
def test_whatever_goes_wrong_the_copy_serves_and_its_age_is_said(tmp_path: Path, bad: str) -> None:
    from_feed(URL, tmp_path, FeedServer(good()), now=NOW - timedelta(days=3))
    server = FeedServer(BAD[bad])
    roster = from_feed(URL, tmp_path, server, now=NOW)
    assert local(roster.text.encode()) == ["22 07:00"]
    assert roster.at == NOW - timedelta(days=3)
    assert roster.trouble.startswith(("The roster", "What the roster"))
    assert "evil" not in roster.trouble
    assert len(server.asked) == 1, "nobody else was asked"


@pytest.mark.parametrize("bad", BAD)
def test_without_a_copy_it_is_a_trouble(tmp_path: Path, bad: str) -> None:
    with pytest.raises(RosterTrouble):
        from_feed(URL, tmp_path, FeedServer(BAD[bad]), now=NOW)


def test_a_move_on_the_same_server_is_followed(tmp_path: Path) -> None:
    server = FeedServer(moved("/new/feed?x=2", 301), good())
    from_feed(URL, tmp_path, server, now=NOW)
    assert [path for _, path, _ in server.asked] == ["/feed/token-4711.ics?key=1", "/new/feed?x=2"]


def test_moves_in_a_ring_end(tmp_path: Path) -> None:
    with pytest.raises(RosterTrouble, match=ELSEWHERE[:30]):
        from_feed(URL, tmp_path, FeedServer(*[moved("/feed")] * 10), now=NOW)


@pytest.mark.parametrize(
    ("url", "age"),
    [(URL + "&other", timedelta()), (URL, KEPT_FOR + timedelta(seconds=1)), (URL, -timedelta(days=1))],
    ids=["another feed", "too old", "from the future"],
)
def test_a_copy_of_another_feed_or_time_does_not_serve(tmp_path: Path, url: str, age: timedelta) -> None:
    from_feed(URL, tmp_path, FeedServer(good()), now=NOW - age)
    with pytest.raises(RosterTrouble):
        from_feed(url, tmp_path, FeedServer(DOWN), now=NOW)


@pytest.mark.parametrize(
    "change",
    [{"schema": "scrubin/other/1"}, {"at": "yesterday"}, {"at": "2026-11-20T00:00:00"}, {"text": 7}, {"etag": None},
     {"more": 1}],
)  # fmt: skip
def test_a_damaged_copy_does_not_serve(tmp_path: Path, change: dict[str, Any]) -> None:
    from_feed(URL, tmp_path, FeedServer(good()), now=NOW)
    kept = tmp_path / FILE
    kept.write_text(json.dumps({**json.loads(kept.read_text()), **change}))
    with pytest.raises(RosterTrouble):
        from_feed(URL, tmp_path, FeedServer(DOWN), now=NOW)


def test_a_name_of_a_version_that_is_no_name_is_not_sent_back(tmp_path: Path) -> None:
    from_feed(URL, tmp_path, FeedServer(good(etag='"a"\r\nX-Evil: 1')), now=NOW)
    server = FeedServer(good())
    from_feed(URL, tmp_path, server, now=NOW)
    assert server.asked[0][2] == {"Accept": "text/calendar"}


def test_a_full_disk_costs_the_copy_and_not_the_shift(tmp_path: Path) -> None:
    (tmp_path / "shift").write_text("a file where the folder should be")
    roster = from_feed(URL, tmp_path / "shift", FeedServer(good()), now=NOW)
    assert local(roster.text.encode()) == ["22 07:00"]
    assert roster.trouble.startswith("The roster could not be kept")
