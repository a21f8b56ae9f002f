"""The agent before a shift, as it is installed: real processes, a real server and bus, and no word of the roster."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from fake_console import certified

from tests.agent.shift.desktop_parts import NotificationServer, session_bus
from tests.agent.shift.roster_parts import SECRET, calendar

ROOT = Path(__file__).parents[3]
RUN = [sys.executable, "-c", "import sys; from agent.cli import main; sys.exit(main())"]
SOON = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=3)
SHIFT = calendar(f"UID:a|DTSTART:{SOON:%Y%m%dT%H%M%SZ}|SUMMARY:{SECRET}")
POLICY = (
    'schema = "scrubin/policy/1"\nlayer = "practice"\nid = "example"\nversion = "7"\nname = "Example Practice"\n'
    "[before_shift]\nminutes_before = 240\n"
)
PATIENCE_S = 60


class Laptop:
    """Places of its own, and a roster."""

    def __init__(self, folder: Path, roster: str = "", **environ: str) -> None:
        self.folder, self.state = folder, folder / "state"
        for name in ("home", "run", "etc/policy.d"):
            (folder / name).mkdir(parents=True)
        (folder / "etc" / "agent.toml").write_text(f'[shift]\nroster = "{roster}"\n' if roster else "")
        (folder / "etc" / "policy.d" / "practice.toml").write_text(POLICY)
        self.environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("DBUS_")},
            "PYTHONPATH": str(ROOT), "SCRUBIN_STATE": str(self.state), "HOME": str(folder / "home"),
            "SCRUBIN_SYSTEM_CONFIG": str(folder / "etc"), "XDG_RUNTIME_DIR": str(folder / "run"), **environ,
        }  # fmt: skip

    def scrubin(self, *argv: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*RUN, *argv], env=self.environ, capture_output=True, text=True, check=False)

    def shifts(self) -> Any:
        return json.loads(self.scrubin("shift", "next", "--json").stdout)


class Feed(BaseHTTPRequestHandler):
    """Serves the roster, and says so when it has not changed."""

    def do_GET(self) -> None:
        known = self.headers.get("if-none-match") == '"v1"'
        self.server.asked.append((self.path, self.headers.get("if-none-match")))  # type: ignore[attr-defined]
        self.send_response_only(304 if known else 200)
        self.send_header("etag", '"v1"')
        self.send_header("content-length", "0" if known else str(len(SHIFT)))
        self.end_headers()
        self.wfile.write(b"" if known else SHIFT)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def feed(tmp_path: Path) -> Iterator[ThreadingHTTPServer]:
    authority, tls = certified("localhost")
    authority.cert_pem.write_to_path(str(tmp_path / "roots.pem"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Feed)
    server.asked = []  # type: ignore[attr-defined]
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_roster_file_gives_starts_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "roster.ics").write_bytes(SHIFT)
    done = Laptop(tmp_path, str(tmp_path / "roster.ics")).scrubin("shift", "next", "--json")
    assert json.loads(done.stdout) == {
        "schema": "scrubin/shifts/1", "starts": [SOON.strftime("%Y-%m-%dT%H:%M:%SZ")], "odd": 0, "trouble": ""
    }  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_a_feed_is_fetched_over_tls_and_asked_only_whether_it_changed(tmp_path: Path, feed: Any) -> None:
    url = f"https://localhost:{feed.server_port}/roster?key=4711"
    laptop = Laptop(tmp_path, url, SSL_CERT_FILE=str(tmp_path / "roots.pem"))
    first, again = laptop.shifts(), laptop.shifts()
    assert first["starts"] == again["starts"] == [SOON.strftime("%Y-%m-%dT%H:%M:%SZ")]
    assert feed.asked == [("/roster?key=4711", None), ("/roster?key=4711", '"v1"')]


def test_a_server_that_does_not_prove_its_name_is_not_believed(tmp_path: Path, feed: Any) -> None:
    told = Laptop(tmp_path, f"https://localhost:{feed.server_port}/roster?key=4711").shifts()
    assert (told["starts"], feed.asked) == ([], [])
    assert told["trouble"].startswith("The roster's server can't be reached")
    assert "4711" not in told["trouble"]


def test_a_roster_that_eats_time_ends_in_a_sentence(tmp_path: Path) -> None:
    never = (f"UID:{one}|DTSTART:20200101T070000Z|RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30" for one in range(99))
    (tmp_path / "roster.ics").write_bytes(calendar(*never))
    told = Laptop(tmp_path, str(tmp_path / "roster.ics")).shifts()
    assert told["trouble"].startswith("The roster takes too long to read")


def test_without_a_roster_there_are_no_shifts(tmp_path: Path) -> None:
    assert Laptop(tmp_path).shifts()["starts"] == []


def test_what_a_desktop_is_told_holds_no_names(tmp_path: Path) -> None:
    with session_bus(tmp_path / "bus") as bus:
        laptop = Laptop(tmp_path, DBUS_SESSION_BUS_ADDRESS=bus)
        with NotificationServer(bus) as desktop:
            assert json.loads(laptop.scrubin("shift", "tell").stdout)["rung"] == "shown"
        assert desktop.shown[0]["head"] == "Can't tell yet: this laptop has not been checked"
        assert json.loads(laptop.scrubin("shift", "tell").stdout)["rung"] == "nobody_shows"


def until(look: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + PATIENCE_S
    while not (answer := look()):
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.05)
    return answer


def agent(laptop: Laptop) -> "subprocess.Popen[bytes]":
    with (laptop.folder / "log").open("ab") as file:
        return subprocess.Popen([*RUN, "agent"], env=laptop.environ, stderr=file, stdin=subprocess.DEVNULL)


def log(laptop: Laptop) -> str:
    return (laptop.folder / "log").read_text()


def ended(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE_S) == 0


def test_the_agent_tells_the_person_before_their_shift_and_a_second_one_does_not(tmp_path: Path) -> None:
    (tmp_path / "roster.ics").write_bytes(SHIFT)
    with session_bus(tmp_path / "bus") as bus, NotificationServer(bus) as desktop:
        laptop = Laptop(tmp_path, str(tmp_path / "roster.ics"), DBUS_SESSION_BUS_ADDRESS=bus)
        with agent(laptop) as process:
            until(desktop.asked.is_set)
            ended(process)
        with agent(laptop) as process:
            until(lambda: log(laptop).count("because of start") == 2)
            process.send_signal(signal.SIGHUP)
            until(lambda: "because of policy" in log(laptop))
            ended(process)
    (shown,) = desktop.shown
    assert shown["head"].endswith(("before your shift", "to look at", "Ready for your shift"))
    assert not {word for word in (*SECRET.split(), str(tmp_path), "roster.ics") if word in log(laptop)}


def test_no_bus_is_said_once_and_nothing_breaks(tmp_path: Path) -> None:
    (tmp_path / "roster.ics").write_bytes(SHIFT)
    laptop = Laptop(tmp_path, str(tmp_path / "roster.ics"))
    with agent(laptop) as process:
        until(lambda: "there is no session bus" in log(laptop))
        until(lambda: json.loads((laptop.state / "shift" / "told.json").read_text())["told"] == [])
        ended(process)
    assert "failed" not in log(laptop)
