"""`scrubin agent` as it is installed: a real process that audits, queues, sends and ends in order."""

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.controller import Controller

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60
RUN = [sys.executable, "-c", "import sys; from agent.cli import main; sys.exit(main())"]


def until(look: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + PATIENCE_S
    while not (answer := look()):
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.05)
    return answer


class Agent:
    """A running daemon with places of its own."""

    def __init__(self, folder: Path, configuration: str, make: tuple[Path, ...] = (), **environ: str) -> None:
        self.state = folder / "state"
        (folder / "etc").mkdir()
        (folder / "etc" / "agent.toml").write_text(configuration)
        self.environ = {
            **os.environ, "PYTHONPATH": str(ROOT), "SCRUBIN_STATE": str(self.state), "HOME": str(folder / "home"),
            "SCRUBIN_SYSTEM_CONFIG": str(folder / "etc"), "XDG_RUNTIME_DIR": str(folder / "run"), **environ,
        }  # fmt: skip
        for one in (folder / "home", *make):
            one.mkdir()
        self.log = folder / "log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen([*RUN, "agent"], env=self.environ, stderr=log, stdin=subprocess.DEVNULL)

    def scrubin(self, *argv: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*RUN, *argv], env=self.environ, capture_output=True, text=True, check=False)

    def ended(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_S)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Agent]]:
    running: list[Agent] = []

    def started(configuration: str, make: tuple[Path, ...] = (), **environ: str) -> Agent:
        running.append(Agent(tmp_path, configuration, make, **environ))
        return running[-1]

    yield started
    for one in running:
        one.process.kill()
        one.process.wait()


def test_it_audits_at_its_start_and_drops_the_report_where_the_practice_reads(start, tmp_path: Path) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    agent = start(f'[deliver]\ntransport = "folder"\nfolder = "{drop}"\n')
    (letter,) = until(lambda: list(drop.glob("*.json")))
    report = json.loads(letter.read_bytes())
    assert report["proof"]["state"] == "proven"
    status = json.loads(until(lambda: (agent.state / "status.json").read_text()))
    assert status["overall"] == report["overall"]
    assert "runs in the background" in agent.scrubin("doctor").stdout
    assert agent.scrubin("agent").returncode == 3, "a second instance is refused"
    assert agent.ended() == 0
    log = agent.log.read_text()
    assert "audit because of start" in log
    assert str(tmp_path) not in log


def observed(agent: Agent) -> dict[str, str]:
    report = json.loads((agent.state / "last-report.json").read_bytes())
    return {one["check_id"]: one["observed_at"] for one in report["findings"]}


def test_hangup_has_it_look_at_everything_again(start) -> None:
    agent = start("")
    until(lambda: (agent.state / "status.json").exists())
    first = (agent.state / "last-report.json").read_bytes()
    agent.process.send_signal(signal.SIGHUP)
    until(lambda: (agent.state / "last-report.json").read_bytes() != first)
    assert agent.ended() == 0


def test_configuration_that_breaks_is_said_in_words_and_without_a_path(start, tmp_path: Path) -> None:
    agent = start("")
    until(lambda: (agent.state / "status.json").exists())
    (tmp_path / "home" / ".config" / "scrubin").mkdir(parents=True)
    (tmp_path / "home" / ".config" / "scrubin" / "agent.toml").write_text("[")
    agent.process.send_signal(signal.SIGHUP)
    until(lambda: "the configuration is wrong. ~/.config/scrubin/agent.toml: not TOML" in agent.log.read_text())
    assert agent.ended() == 0
    assert str(tmp_path) not in agent.log.read_text()


def test_folder_that_changes_has_only_its_checks_looked_at_again(start, tmp_path: Path) -> None:
    pictures = tmp_path / "home" / "Pictures"
    agent = start(f'photo_folders = ["{pictures}"]\n', make=(pictures,))
    until(lambda: (agent.state / "status.json").exists())
    first = observed(agent)
    time.sleep(1.1)  # times in reports are whole seconds: an audit in the same one would look the same
    (pictures / "a.jpg").write_bytes(b"x")
    until(lambda: observed(agent)["cloud_backup"] != first["cloud_backup"])
    again = observed(agent)
    assert again["clinical_images"] != first["clinical_images"]
    assert again["screen_lock"] == first["screen_lock"]
    assert agent.ended() == 0


class Post:
    """A practice's mail server that keeps what it got."""

    def __init__(self) -> None:
        self.got: list[bytes] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.got.append(envelope.content)
        return "250 kept"


@pytest.fixture
def mail_server(tmp_path: Path) -> Iterator[tuple[Post, int, Path]]:
    authority = trustme.CA()
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(tls)
    roots = tmp_path / "roots.pem"
    authority.cert_pem.write_to_path(str(roots))
    post = Post()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]  # the controller must know its port before it starts
    server = Controller(post, hostname="127.0.0.1", port=port, tls_context=tls, require_starttls=True)
    server.start()
    yield post, port, roots
    server.stop()


def test_mail_is_sent_by_a_short_lived_process(start, mail_server: tuple[Post, int, Path]) -> None:
    post, port, roots = mail_server
    agent = start(
        f'[deliver]\ntransport = "email"\n[deliver.email]\nhost = "localhost"\nport = {port}\n'
        'from = "laptop@practice.example"\nto = ["it@practice.example"]\n',
        SSL_CERT_FILE=str(roots),
    )
    until(lambda: post.got)
    mail = message_from_bytes(post.got[0])
    assert mail["To"] == "it@practice.example"
    maps = Path(f"/proc/{agent.process.pid}/maps").read_text()
    assert "libssl" not in maps, "the idle daemon holds no TLS library"
    assert agent.ended() == 0
