"""A recording of a phone that was hurt, cut or enlarged never turns what did not pass into a pass."""

import copy
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes import phone, rule_for

from agent.collect.catalog import PROBES
from agent.collect.host import LocalHost
from agent.collect.observe import observe
from agent.collect.recorded import RecordedHost, load
from checks.catalog import CATALOG
from checks.evaluate import evaluate
from checks.model import Platform, Status

ROOT = Path(__file__).parent / "recordings" / "android"
CHECKS = {check.id: check for check in CATALOG}
CASES = [
    pytest.param(path.parent, check_id, id=f"{path.parent.relative_to(ROOT)}-{check_id}")
    for path in sorted(ROOT.rglob("expected.toml"))
    for check_id in tomllib.loads(path.read_text())
]
CUTS = 25
"""Places at which each answer is cut, evenly spread; short ones are cut at each line."""
UNORDERED = {("getprop",), ("settings",), ("pm", "list", "packages")}
"""Answers whose lines come in no order that means anything."""
MORE_USERS = {
    ("pm", "list", "users"): "\tUserInfo{10:Gast:414} running\n\tUserInfo{11:Arbeit:1030} running\n",
    ("dumpsys", "-t", "10", "user"): "  UserInfo{10:Gast:414} serialNo=10 isPrimary=false\n    Type: android.os.x\n",
}


class Judged:
    """One check on one recording, whatever is done to its answers."""

    def __init__(self, folder: Path, check_id: str) -> None:
        wanted: dict[str, Any] = tomllib.loads((folder / "expected.toml").read_text())[check_id]
        self._check = CHECKS[check_id]
        self._look = PROBES[Platform.ANDROID][check_id].look
        self._limits = self._check.limits(**{key: _tuple(one) for key, one in wanted.get("limits", {}).items()})
        self._host = load(str(folder), LocalHost())
        self._index: dict[str, Any] = dict(self._host._index)
        self.rows: list[dict[str, Any]] = self._index["command"]

    def text(self, number: int) -> str:
        return self._host._text(self.rows[number], "stdout")

    def status(self, changed: dict[int, str | None] | None = None, *, reverse: bool = False) -> Status:
        """The verdict with some answers replaced; None takes one away."""
        index = copy.deepcopy(self._index)
        for number, text in (changed or {}).items():
            index["command"][number].pop("stdout", None)
            index["command"][number]["stdout_text"] = text
        index["command"] = [one for one in index["command"] if one.get("stdout_text", "") is not None]
        if reverse:
            index["command"].reverse()
        host = RecordedHost(index, self._host._payloads)
        seen = evaluate(
            self._check, phone(), observe(self._look, host), rule_for(self._limits), now=host.now(), profile="owner"
        )
        return seen.finding.status


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def hurt(judged: Judged) -> Iterator[tuple[str, dict[int, str | None]]]:
    """Each way in which one answer is missing or cut."""
    for number, row in enumerate(judged.rows):
        name = " ".join(row["argv"])
        yield f"without {name}", {number: None}
        lines = judged.text(number).splitlines(keepends=True)
        for end in range(0, len(lines), max(1, len(lines) // CUTS)):
            yield f"{name} cut after line {end}", {number: "".join(lines[:end])}
            yield f"{name} cut in line {end}", {number: "".join(lines[:end]) + lines[end][: len(lines[end]) // 2]}


@pytest.mark.parametrize(("folder", "check_id"), CASES)
def test_what_is_missing_or_cut_never_helps(folder: Path, check_id: str) -> None:
    judged = Judged(folder, check_id)
    if judged.status() is Status.PASS:
        return
    helped = [name for name, changed in hurt(judged) if judged.status(changed) is Status.PASS]
    assert helped == []


@pytest.mark.parametrize(("folder", "check_id"), CASES)
def test_more_users_never_help(folder: Path, check_id: str) -> None:
    judged = Judged(folder, check_id)
    added = {
        number: judged.text(number).rstrip("\n") + "\n" + MORE_USERS[tuple(row["argv"])]
        for number, row in enumerate(judged.rows)
        if tuple(row["argv"]) in MORE_USERS
    }
    assert judged.status() is Status.PASS or judged.status(dict(added)) is not Status.PASS


@pytest.mark.parametrize(("folder", "check_id"), CASES)
def test_order_of_a_list_means_nothing(folder: Path, check_id: str) -> None:
    judged = Judged(folder, check_id)
    turned = {
        number: "\n".join(reversed(judged.text(number).rstrip("\n").splitlines())) + "\n"
        for number, row in enumerate(judged.rows)
        if any(tuple(row["argv"][: len(one)]) == one for one in UNORDERED) and judged.text(number)
    }
    assert judged.status() is judged.status(dict(turned)) is judged.status(reverse=True)
