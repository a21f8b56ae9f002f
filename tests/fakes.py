"""Fakes that tests share, each named for what it is."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from agent.collect.host import Command, Output
from agent.collect.recorded import RecordedHost, validate
from checks.evidence import Fact, Observed, Why
from checks.model import Device, Kind, Level, Ownership, Platform
from checks.spec import Rule

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
HOME = "/home/clin"


def recorded_host(
    *,
    files: Mapping[str, str | Why] | None = None,
    commands: Mapping[Sequence[str], str | Output | Why] | None = None,
    folders: Mapping[str, Sequence[str] | Why] | None = None,
    links: Mapping[str, str] | None = None,
    processes: Sequence[Mapping[str, Any]] = (),
    environ: Mapping[str, str] | None = None,
    modified: Mapping[str, datetime] | None = None,
    complete: bool = True,
    platform: str = "linux",
) -> RecordedHost:
    """A RecordedHost written in Python. A `Why` in place of an answer is raised; what is not listed is not there."""
    index: dict[str, Any] = {
        "schema": "scrubin/recording/1", "platform": platform, "home": HOME, "account": "clin", "captured_at": NOON,
        "complete": complete, "environment": dict(environ or {}),
        "command": [_command(argv, answer) for argv, answer in (commands or {}).items()],
        "file": [{"path": path, **_answer("content_text", text)} for path, text in (files or {}).items()],
        "folder": [{"path": path, **_answer("names", names)} for path, names in (folders or {}).items()],
        "link": [{"path": path, "target": target} for path, target in (links or {}).items()],
        "process": list(processes),
    }  # fmt: skip
    for row in index["file"]:
        if row["path"] in (modified or {}):
            row["modified_at"] = (modified or {})[row["path"]]
    validate(index)
    return RecordedHost(index, {})


def recorded_phone(answers: Mapping[Command, str | Output | Why], *, complete: bool = False) -> RecordedHost:
    """An Android phone that answers these commands; by default any other was not recorded."""
    return recorded_host(
        commands={command.argv: answer for command, answer in answers.items()}, complete=complete, platform="android"
    )


def _command(argv: Sequence[str], answer: str | Output | Why) -> dict[str, Any]:
    words = argv.split() if isinstance(argv, str) else list(argv)
    if isinstance(answer, Output):
        texts = {"stdout_text": answer.stdout, "stderr_text": answer.stderr}
        return {"argv": words, "exit_code": answer.exit_code, **texts}
    return {"argv": words, **_answer("stdout_text", answer)}


def _answer(key: str, answer: Any) -> dict[str, Any]:
    return {"error": str(answer)} if isinstance(answer, Why) else {key: answer if key != "names" else list(answer)}


def laptop(**changes: Any) -> Device:
    """A Linux laptop."""
    values: dict[str, Any] = {
        "id": "11111111-2222-4333-8444-555555555555", "kind": Kind.LAPTOP, "platform": Platform.LINUX,
        "model": "Example 14", "os_version": "debian 12", "ownership": Ownership.PERSONAL,
    }  # fmt: skip
    return Device(**{**values, **changes})


def phone(**changes: Any) -> Device:
    """An Android phone."""
    values: dict[str, Any] = {
        "id": "99999999-2222-4333-8444-555555555555", "kind": Kind.PHONE, "platform": Platform.ANDROID,
        "model": "Example 7", "os_version": "android 14", "ownership": Ownership.PERSONAL,
    }  # fmt: skip
    return Device(**{**values, **changes})


def rule_for(limits: Any, **changes: Any) -> Rule[Any]:
    """A rule of a policy that requires the check."""
    values: dict[str, Any] = {
        "level": Level.REQUIRED, "limits": limits, "max_age_days": 1, "why": "for the test", "layer": "baseline"
    }  # fmt: skip
    return Rule(**{**values, **changes})


def observed(fact: Fact, at: datetime = NOON) -> Observed[Any]:
    """Evidence that was just seen."""
    return Observed(fact=fact, source="device", at=at)
