"""The record system as the policy names it, and what is said about each outcome."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from policy_example import CHECKS, layer
from stored_parts import DAY, NOW, PATIENT, Clerk, picture, reply, saying, terms

from agent.secrets import open_store
from agent.stored.model import Because, Stored
from agent.stored.opened import not_asked, record_system
from agent.stored.system import LARGEST_BYTES
from agent.stored.words import SAID, sentence
from checks.policy import compose


def system(body: str, store: Any = None) -> Any:
    policy = compose([layer(body)], CHECKS)
    return record_system(policy, store=store, randomness=lambda size: b"\0" * size, clock_s=lambda: 0.0)


def named(url: str, **more: str) -> str:
    said = {"kind": "dicomweb", "name": "Practice PACS", "url": url, **more}
    return "[record_system]\n" + "".join(f'{key} = "{value}"\n' for key, value in said.items())


def test_where_the_policy_names_none_nobody_is_asked() -> None:
    assert system("") is None
    answer = not_asked(NOW)
    assert (answer.stored, answer.source, answer.at, answer.reference) == (Stored.NOT_ASKED, "", NOW, "")


def test_the_one_that_the_policy_names_is_asked_with_what_the_keyring_holds(tmp_path: Path) -> None:
    heard: list[str] = []

    def store() -> Any:
        heard.append("opened")
        return open_store(in_file=str(tmp_path / "secrets.json"))

    store().set("record-system", "robin:secret")
    with saying(reply(b"[]")) as url:
        one = system(named(url), store)
        assert (one.name, len(heard)) == ("Practice PACS", 1)
        answer = one.ask(picture(), patient=PATIENT, taken_day=DAY, now=NOW)
    assert (answer.stored, answer.source, len(heard)) == (Stored.NOT_FOUND, "Practice PACS", 2)


def test_one_on_this_very_laptop_is_not_asked_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    with saying(reply(b"[]")) as url:
        assert Clerk(terms(url)).ask().stored is Stored.NOT_FOUND


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "https://nobody.invalid", "https://a..b", "https://a_b:65535"])
def test_a_system_that_is_not_there_is_said_not_to_be(url: str) -> None:
    assert Clerk(terms(url)).ask().stored is Stored.UNREACHABLE


@pytest.mark.parametrize("size", [0, LARGEST_BYTES + 1])
def test_a_file_that_can_not_be_compared_is_not_asked_about(size: int) -> None:
    clerk = Clerk(terms("http://127.0.0.1:9"))
    answer = clerk.ask(b"x" * size)
    assert (answer.stored, clerk.opened) == (Stored.UNSURE, [])


def test_every_outcome_has_its_sentence_and_one_alone_leads_to_stored() -> None:
    assert set(SAID) == set(Because)
    assert [one for one, (stored, _) in SAID.items() if stored in (Stored.STORED, Stored.STORED_ONCE)] == [Because.SAME]
    for one in Because:
        said = sentence(one, "{name} PACS")
        assert said.endswith((".", "record-system")), said


def test_nothing_heavy_is_loaded_before_somebody_asks() -> None:
    code = "import agent.stored.opened, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"requests", "ssl", "truststore", "cryptography", "joserfc", "pydicom", "PIL", "numpy"}
    assert heavy & set(done.stdout.split()) == set()
