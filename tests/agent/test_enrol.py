"""`scrubin enrol`: the practice proves itself by the code's pin, the person reads and agrees, the key stays theirs."""

import json
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from enrolled import Laptop, Person, asked, own_interrupt, placed
from fake_console import FakeConsole, certified, problem, served

from agent.enrolment_code import CodeError, read_address, read_code, split_qr
from reports.signing import public_text, read_private


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: Any, capsys: Any) -> Iterator[Laptop]:
    with own_interrupt():
        yield placed(tmp_path, monkeypatch, capsys)


@pytest.fixture
def fake() -> Iterator[FakeConsole]:
    with served(FakeConsole()) as one:
        yield one


def test_enrolling_keeps_key_and_practice_and_registers_the_public_half(mine: Laptop, fake: FakeConsole) -> None:
    said = mine.enrol(fake)
    assert (said.code, said.json["practice"]["name"]) == (0, "Example Practice"), said.err
    kept = mine.enrolment
    assert kept["console_key"] == fake.public
    assert fake.agents[kept["agent_id"]] == kept["public_key"]
    assert set(mine.keys) == {"device-key"}
    assert public_text(read_private(mine.keys["device-key"]).public_key()) == kept["public_key"]
    assert stat.S_IMODE((mine.state / "enrolment.json").stat().st_mode) == 0o600


def test_console_learns_the_model_and_nothing_personal(mine: Laptop, fake: FakeConsole) -> None:
    mine.enrol(fake)
    (body,) = (json.loads(one.body) for one in fake.seen if one.path == "/v1/enrol")
    assert set(body) == {
        "schema", "code", "laptop_id", "public_key", "platform", "model", "os_version", "agent_version",
    }  # fmt: skip
    assert str(mine.folder) not in str([(one.headers, one.body) for one in fake.seen])


def test_person_reads_who_sees_what_before_they_agree(mine: Laptop, fake: FakeConsole) -> None:
    person = Person("yes")
    assert asked("enrol", person, fake.url, fake.code)[0] == 0
    for words in (
        "Example Practice sees",
        "It never sees",
        "names of files",
        "in bands",
        "scrubin report --show",
        "IT lead, 02 5550 1234",
    ):
        assert words in " ".join(person.read.split()), words
    assert max(map(len, person.read.splitlines())) <= 80


@pytest.mark.parametrize("answer", ["", "no", "yeah"])
def test_without_a_yes_nothing_of_the_laptop_leaves(mine: Laptop, fake: FakeConsole, answer: str) -> None:
    code, out = asked("enrol", Person(answer), fake.url, fake.code)
    assert (code, "not enrolled" in out) == (2, True)
    assert [one.path for one in fake.seen] == ["/v1/enrol/preview"]
    assert mine.keys == {}
    assert fake.uses == 1


@pytest.mark.parametrize("argv", [(), ("--json",)])
def test_nobody_at_a_terminal_is_refused_before_anything_is_asked(mine: Laptop, fake: FakeConsole, argv: Any) -> None:
    assert mine.scrubin("enrol", fake.url, fake.code, *argv).code == 64
    assert fake.seen == []


def test_server_that_did_not_make_the_code_gets_no_key_and_no_device(mine: Laptop, fake: FakeConsole) -> None:
    offer = {"schema": "scrubin/offer/1", **FakeConsole()._offer()}
    fake.meddle = lambda request: (200, {"content-type": "application/json"}, json.dumps(offer).encode())
    said = mine.enrol(fake)
    assert (said.code, "does not fit the server" in said.err) == (3, True)
    assert not any(one.path == "/v1/enrol" for one in fake.seen)
    assert mine.keys == {}


def test_code_that_is_used_up_says_what_to_do(mine: Laptop, fake: FakeConsole) -> None:
    fake.uses = 0
    said = mine.enrol(fake)
    assert (said.code, "Ask your IT lead for a new one" in said.err) == (3, True)


@pytest.mark.parametrize(
    "code", ["", "ABCD", "ABCD-EFGH-JKMN-PQRS-TVW1", "ABCD-EFGH-JKMN-PQRS-TVWX-2", "x" * 10_000, "\x00"]
)
def test_what_is_no_code_is_refused_without_asking_anybody(mine: Laptop, fake: FakeConsole, code: str) -> None:
    said = mine.scrubin("enrol", fake.url, code or "-", "--yes")
    assert said.code == 64
    assert fake.seen == []


@pytest.mark.parametrize(
    ("given", "pin"),
    [
        ("abcd-efgh-jkmn-pqrs-tvwx", "PQRSTVWX"), ("ABCDEFGHJKMNPQRSTVWX", "PQRSTVWX"),
        (" ABCD EFGH JKMN \u2013 PQRS\u2011TVWX ", "PQRSTVWX"),
    ],
)  # fmt: skip
def test_code_is_read_however_it_is_typed(given: str, pin: str) -> None:
    assert (read_code(given).text, read_code(given).pin) == ("ABCD-EFGH-JKMN-PQRS-TVWX", pin)


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("https://Console.Example/", "https://console.example"), ("https://console.example:443", "https://console.example"),
        ("https://console.example:8443", "https://console.example:8443"), ("http://localhost:8080", "http://localhost:8080"),
        ("http://127.0.0.1:1", "http://127.0.0.1:1"), ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
    ],
)  # fmt: skip
def test_address_has_one_form(given: str, read: str) -> None:
    assert read_address(given) == read


@pytest.mark.parametrize(
    "given",
    [
        "http://console.example", "ftp://console.example", "https://", "console.example", "https://a:b@console.example",
        "https://console.example/path", "https://console.example?x=1", "https://console.example#x", "https://x:99999",
        "https://exa mple", "https://[::1", "https://a\nb", "http://127.0.0.1.example", "https://-x", "",
    ],
)  # fmt: skip
def test_what_is_no_address_of_a_console_is_refused(given: str) -> None:
    with pytest.raises(CodeError):
        read_address(given)


def test_text_of_a_qr_picture_holds_both(mine: Laptop, fake: FakeConsole) -> None:
    assert split_qr("https://console.example") is None
    assert mine.scrubin("enrol", f"scrubin-enrol:{fake.url}#{fake.code}", "--yes").code == 0


def test_enrolling_again_keeps_the_identity_and_changes_the_key(mine: Laptop, fake: FakeConsole) -> None:
    first = mine.enrol(fake).json["agent_id"]
    key = mine.keys["device-key"]
    fake.uses = 1
    assert mine.enrol(fake).json["agent_id"] == first
    assert mine.keys["device-key"] != key
    assert fake.agents[first] == mine.enrolment["public_key"]
    assert mine.scrubin("report", "send").code == 0


def test_laptop_that_lost_its_key_needs_a_code_of_its_own(mine: Laptop, fake: FakeConsole) -> None:
    mine.enrol(fake)
    (mine.state / "secrets.json").unlink()
    fake.uses = 1
    said = mine.enrol(fake)
    assert (said.code, "made for this very laptop" in said.err) == (3, True)
    assert fake.uses == 1


def lost_answer(fake: FakeConsole) -> Any:
    """The console enrols, and its answer gets lost."""

    def lose(request: Any) -> Any:
        if request.path == "/v1/enrol":
            fake.meddle = lambda request: None
            fake.answer(request)
            return problem(503, "database")
        return None

    return lose


@pytest.mark.parametrize("uses", [0, 1], ids=["the used code again", "a new code"])
def test_answer_that_was_lost_on_its_way_is_made_good(mine: Laptop, fake: FakeConsole, uses: int) -> None:
    fake.meddle = lost_answer(fake)
    assert mine.enrol(fake).code == 3
    assert len(fake.agents) == 1
    fake.uses = uses
    assert mine.enrol(fake).code == 0
    assert len(fake.agents) == 1, "it proved by the key that the console had learned"
    assert set(mine.keys) == {"device-key"}
    assert not (mine.state / "enrolment-begun.json").exists()
    assert mine.scrubin("report", "send").code == 0


def test_other_practice_is_refused_until_this_one_is_left(mine: Laptop, fake: FakeConsole) -> None:
    mine.enrol(fake)
    with served(FakeConsole()) as other:
        offer = {
            **other._offer(),
            "practice": {"id": "7a000000-0000-4000-8000-000000000002", "name": "Other", "contact": {}},
        }
        other._offer = lambda: offer  # type: ignore[method-assign]
        said = mine.enrol(other)
    assert (said.code, "Leave it first" in said.err) == (3, True)


def test_two_windows_enrol_one_laptop_once(mine: Laptop, fake: FakeConsole) -> None:
    inside, go_on = threading.Event(), threading.Event()
    results: list[Any] = []

    def wait(request: Any) -> Any:
        if request.path == "/v1/enrol":
            inside.set()
            go_on.wait(30)
        return None

    fake.meddle = wait
    first = threading.Thread(target=lambda: results.append(asked("enrol", Person(), fake.url, fake.code)))
    first.start()
    assert inside.wait(30)
    code, said = asked("enrol", Person(), fake.url, fake.code)
    go_on.set()
    first.join(30)
    assert (code, "another window" in said) == (3, True)
    assert results[0][0] == 0
    assert len(fake.agents) == 1


def test_no_store_for_the_key_says_how_to_get_one(
    tmp_path: Path, monkeypatch: Any, capsys: Any, fake: FakeConsole
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    mine = placed(tmp_path, monkeypatch, capsys, configuration="")
    said = mine.enrol(fake)
    assert (said.code, 'secrets = "file"' in said.err) == (3, True)
    assert fake.seen == []


def test_https_is_trusted_by_the_systems_list_only(mine: Laptop, monkeypatch: Any) -> None:
    authority, tls = certified()
    with served(FakeConsole(), tls) as fake:
        refused = mine.enrol(fake)
        assert (refused.code, '"Example Authority"' in refused.err) == (3, True)
        pem = mine.folder / "authority.pem"
        authority.cert_pem.write_to_path(str(pem))
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
        assert mine.enrol(fake).code == 0


HOSTILE = [
    {"practice": {"id": "../../x", "name": "x", "contact": {}}},
    {"practice": {"id": "a", "name": "\x1b[2J", "contact": {}}},
    {"practice": {"id": "a", "name": "n" * 5000, "contact": {}}}, {"practice": None}, {"ownership": "nobody"},
    {"console_key": "AAAA"}, {"group": ["x"]}, {"practice": {"id": "a", "name": "x", "contact": {"phone": 7}}},
]  # fmt: skip


@pytest.mark.parametrize("change", HOSTILE)
def test_hostile_offer_is_refused_and_not_shown(mine: Laptop, fake: FakeConsole, change: Any) -> None:
    offer = {"schema": "scrubin/offer/1", **fake._offer(), **change}
    fake.meddle = lambda request: (200, {"content-type": "application/json"}, json.dumps(offer).encode())
    said = mine.enrol(fake)
    assert said.code == 3
    assert "\x1b" not in said.err
    assert mine.keys == {}


def test_damaged_enrolment_loses_no_report_and_says_so(mine: Laptop, fake: FakeConsole) -> None:
    mine.enrol(fake)
    (mine.state / "enrolment.json").write_text("{")
    said = mine.scrubin("check", "--device", "laptop", "--json")
    assert any("damaged" in note for note in said.json["notes"])
    assert mine.scrubin("status", "--json").json["waiting"] == 1


WORK = """
import sys
from pathlib import Path
sys.path[:0] = {paths!r}
import os, killing
import agent.enrolment_act, agent.enrolment_begun, agent.enrolment, agent.secrets_file, agent.atomic
from agent.cli import main
import agent.commands.enrol, agent.directive_fetch, agent.enrolment_line

def work(folder):
    os.environ["SCRUBIN_STATE"] = str(folder / "state")
    main(["enrol", {url!r}, {code!r}, "--yes", "--json"])

OURS = ("agent.enrolment_act", "agent.enrolment_begun", "agent.secrets_file", "agent.atomic")
killing.kill(lambda folder, countdown: killing.by_lines(work, folder, countdown, OURS), Path(sys.argv[1]), {points})
"""
POINTS = 12


def test_killed_anywhere_the_same_command_once_more_enrols(mine: Laptop, fake: FakeConsole, monkeypatch: Any) -> None:
    fake.uses = 10**6
    here = Path(__file__)
    paths = [str(here.parents[1]), str(here.parent)]
    code = WORK.format(paths=paths, url=fake.url, code=fake.code, points=POINTS)
    runs = mine.folder / "runs"
    runs.mkdir()
    environ = {**os.environ, "PYTHONPATH": str(here.parents[2])}
    subprocess.run([sys.executable, "-c", code, str(runs)], check=True, env=environ, capture_output=True, timeout=300)
    cut_off = 0
    for place in sorted(runs.glob("0*")):
        cut_off += not (place / "state" / "enrolment.json").exists()
        monkeypatch.setenv("SCRUBIN_STATE", str(place / "state"))
        other = Laptop(place, mine._capsys)
        assert other.enrol(fake).code == 0
        assert set(other.keys) == {"device-key"}
        assert fake.agents[other.enrolment["agent_id"]] == other.enrolment["public_key"]
        assert other.scrubin("report", "send").code == 0
    assert cut_off > POINTS // 3
