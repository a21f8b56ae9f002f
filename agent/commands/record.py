"""`scrubin record FOLDER`: what this laptop answers to every probe, scrubbed, for somebody else to judge."""

import argparse
import os
import platform
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from agent import desk as desks
from agent.collect.recorded import INDEX, RecordedHost
from agent.collect.recording import RecordingHost, Row
from agent.commands.record_files import fields, head, shown, told, toml, write
from agent.exits import Answer, Exit, WrongUse
from agent.identity import describe
from agent.runner import Subject, audit
from agent.scrub import ACCOUNT, HOME, Scrubber
from checks.model import Level, Ownership
from checks.spec import Check, Rule

TABLES = ("command", "file", "folder", "link", "process")
ENVIRONMENT = ("XDG_CURRENT_DESKTOP", "XDG_SESSION_TYPE", "GSETTINGS_BACKEND", "SNAP", "FLATPAK_ID")
"""Variables that decide something and name nobody."""

OWN_COMMANDS = frozenset({"crontab", "gsettings", "xfconf-query", "flatpak", "snap"})
OWN_FOLDERS = ("/etc/cron", "/etc/systemd/", "/etc/fstab", "/etc/anacrontab", "/usr/local/", "/opt/")
"""Besides the home folder: places where people write down what should run, with names and passwords in it."""
SYSTEM = frozenset({
    "bin", "boot", "dev", "etc", "home", "lib", "lib32", "lib64", "libx32", "lost+found", "media", "mnt", "nix", "opt",
    "proc", "root", "run", "sbin", "snap", "srv", "sys", "tmp", "usr", "var",
})  # fmt: skip
"""Top folders that a system makes itself."""


def run(arguments: argparse.Namespace) -> Answer:
    """Record this laptop, or a phone. Raises CannotRun, WrongUse."""
    if arguments.folder is None and not arguments.show:
        raise WrongUse("name a folder to write, or look first: scrubin record --show")
    if arguments.device != "laptop":
        from agent.commands.record_phone import record

        return record(arguments)
    desk = desks.open_desk()
    subject = _chosen(desks.laptop(desk), arguments.only)
    host = RecordingHost(desk.door)
    describe(host, device_id=subject.device.id, platform=subject.device.platform, ownership=subject.device.ownership)
    # The canaries' questions are answered by what was planted; those that reach the laptop are harmless doubles.
    audit(replace(subject, host=host), Anything(), clock=desks.now)
    files = written(host, subject.device.platform, known=vocabulary(subject))
    if arguments.show:
        return Answer(code=Exit.COMPLIANT, out=shown(files))
    folder = Path(arguments.folder).absolute()
    write(folder, files)
    return told(files, _said(files, folder.name), as_json=arguments.json)


def _chosen(subject: Subject, only: list[str] | None) -> Subject:
    if not only:
        return subject
    checks = tuple(one for one in subject.checks if one.id in only)
    if len(checks) != len(set(only)):
        raise WrongUse("--check names a check that does not exist")
    return replace(subject, checks=checks)


def vocabulary(subject: Subject) -> frozenset[str]:
    """Names below the home folder that probes ask for on any machine: they are the program's words, not a person's."""
    empty = {"platform": subject.device.platform, "home": HOME, "account": ACCOUNT, "complete": True,
             "captured_at": desks.now()}  # fmt: skip
    host = RecordingHost(RecordedHost(empty, {}))
    audit(replace(subject, host=host), Anything(), clock=desks.now)
    paths = [row["path"] for row in host.rows.values() if row.get("path", "").startswith(f"{HOME}/")]
    return frozenset(part for path in paths for part in path.removeprefix(f"{HOME}/").split("/"))


class Anything:
    """A policy under which every check is looked at."""

    id = version = "any"

    def rule(self, check: Check[Any, Any], ownership: Ownership) -> Rule[Any]:
        """Defaults."""
        return Rule(level=Level.REQUIRED, limits=check.limits(), max_age_days=1, why="", layer="")


def written(host: RecordingHost, system: str, *, known: frozenset[str] = frozenset()) -> dict[str, str]:
    """File name -> text of the whole recording, scrubbed; folder names in `known` stay."""
    scrubber = Scrubber(home=host.home, account=host.account, names=_names(), known=known, roots=_roots())
    scrubber.shipped(path for (_, path), row in host.rows.items() if "error" not in row and _ships(path))
    scrubber.accounts(host.rows.get(("file", "/etc/passwd"), {}).get("content_text", ""))
    files: dict[str, str] = {}
    account = ACCOUNT if host.account != "root" else "root"
    lines = [
        *head(system=system, captured_at=host.now(), home=HOME, account=account),
        "",
        "[environment]",
        *(f"{name} = {toml(scrubber.text(host.environ[name]))}" for name in ENVIRONMENT if name in host.environ),
    ]
    for table in TABLES:
        rows = [row for (kind, _), row in host.rows.items() if kind == table]
        for row in sorted(rows, key=_order):
            lines += ["", f"[[{table}]]", *fields(_scrubbed(row, scrubber, own=_own(row, host.home)), files)]
    if not any(kind == "process" for kind, _ in host.rows):
        lines.insert(6, "process = []")
    files[INDEX] = "\n".join(lines) + "\n"
    return files


def _order(row: Row) -> str:
    return str(row.get("path") or row.get("argv") or row.get("name"))


def _names() -> Iterable[str]:
    """Words that are this laptop's or its owner's own."""
    return {platform.node(), platform.node().split(".")[0]} - {"localhost"}


def _roots() -> Iterable[str]:
    """Top folders that somebody made on this laptop."""
    return [f"/{name}" for name in os.listdir("/") if name not in SYSTEM]


def _ships(path: object) -> bool:
    return isinstance(path, str) and path.startswith("/usr/") and not path.startswith("/usr/local/")


def _own(row: Row, home: str) -> bool:
    """Whether a row's text may hold the person's own words: all of it that the probes don't know is replaced then."""
    if "argv" in row:
        return "name" in row or row["argv"][0] in OWN_COMMANDS
    return str(row.get("path", "")).startswith((f"{home.rstrip('/')}/", *OWN_FOLDERS))


def _scrubbed(row: Row, scrubber: Scrubber, *, own: bool) -> Row:
    clean: Row = {}
    for key, value in row.items():
        if key in ("path", "target"):
            clean[key] = scrubber.path(value)
        elif isinstance(value, str) and key != "error":
            clean[key] = scrubber.text(value, own=own and key != "name")
        elif key == "names":
            clean[key] = [scrubber.name(row["path"], one) for one in value]
        elif isinstance(value, list):
            told = [scrubber.path(one) if one.startswith("/") else one for one in value]
            clean[key] = [scrubber.text(one, own=own) for one in told]
        else:
            clean[key] = value
    return clean


def _said(files: Mapping[str, str], name: str) -> str:
    return (
        f"Wrote {len(files)} files. Names, accounts, addresses and folder names were replaced.\n"
        "Look through them before you send them: you know best what says too much.\n"
        f"Start with {INDEX}. Judge it with: scrubin check --from {name}\n"
    )
