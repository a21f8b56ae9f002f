"""An agent that enrols with a fake console: its places, its terminal, and the command line as a person types it."""

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fake_console import FakeConsole, served

from agent.cli import main
from agent.commands import enrol, leave
from agent.exits import CannotRun, WrongUse

CONFIGURATION = 'secrets = "file"\n'


class Said:
    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Person:
    """Somebody at a terminal, who reads and answers."""

    attended = True

    def __init__(self, answer: str = "yes") -> None:
        self.answer = answer
        self.read = ""

    def tell(self, text: str) -> None:
        self.read += text

    def ask(self, question: str) -> str:
        self.read += question
        return self.answer


class Laptop:
    """One laptop's account, as the command line sees it."""

    def __init__(self, folder: Path, capsys: Any) -> None:
        self.folder = folder
        self.state = folder / "state"
        self._capsys = capsys

    def scrubin(self, *argv: str) -> Said:
        self._capsys.readouterr()
        try:
            code = main(argv)
        except SystemExit as end:
            code = int(end.code or 0)
        heard = self._capsys.readouterr()
        return Said(code, heard.out, heard.err)

    def enrol(self, fake: FakeConsole, code: str = "") -> Said:
        return self.scrubin("enrol", fake.url, code or fake.code, "--yes", "--json")

    def audited(self) -> Any:
        """One check that is kept and sent."""
        return self.scrubin("check", "--device", "laptop", "--json").json["reports"][0]

    @property
    def enrolment(self) -> Any:
        return json.loads((self.state / "enrolment.json").read_text())

    @property
    def keys(self) -> dict[str, str]:
        path = self.state / "secrets.json"
        return json.loads(path.read_text()) if path.exists() else {}


def placed(folder: Path, monkeypatch: Any, capsys: Any, configuration: str = CONFIGURATION) -> Laptop:
    """Places of its own below `folder`."""
    (folder / "etc").mkdir()
    (folder / "etc" / "agent.toml").write_text(configuration)
    (folder / "home").mkdir()
    for name, value in {
        "SCRUBIN_STATE": "state", "SCRUBIN_SYSTEM_CONFIG": "etc", "XDG_CONFIG_HOME": "config", "XDG_RUNTIME_DIR": "run",
        "HOME": "home",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, str(folder / value))
    return Laptop(folder, capsys)


@contextmanager
def own_interrupt() -> Iterator[None]:
    """`check` and `leave` take Ctrl-C for themselves."""
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


def asked(act: str, person: Person, *argv: str) -> tuple[int, str]:
    """The command with somebody at the terminal: exit code, and what it says."""
    from agent.cli import parser

    arguments = parser().parse_args([act, *argv])
    try:
        answer = (enrol if act == "enrol" else leave).run(arguments, person)
    except WrongUse as error:
        return 64, str(error)
    except CannotRun as error:
        return 3, str(error)
    return int(answer.code), str(answer.out)


def a_console() -> Iterator[FakeConsole]:
    """A fixture: the practice's console, as a laptop sees it."""
    with served(FakeConsole()) as one:
        yield one


def enrolled_laptop(tmp_path: Path, monkeypatch: Any, capsys: Any, fake: FakeConsole) -> Iterator[Laptop]:
    """A fixture: a laptop that has enrolled there."""
    with own_interrupt():
        one = placed(tmp_path, monkeypatch, capsys)
        assert one.enrol(fake).code == 0
        yield one
