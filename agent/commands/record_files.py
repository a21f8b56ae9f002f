"""The files of a recording: its index, the texts that stand beside it, and how they are shown and written."""

import json
import os
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agent import __version__
from agent.atomic import private_folder
from agent.collect.recorded import INDEX, SCHEMA
from agent.collect.recording import Row
from agent.escape import printable
from agent.exits import Answer, CannotRun, Exit

LONGEST_INLINE = 4000
"""Characters of a text that still stands in the index."""
EXISTS = "the folder exists already; name one that does not"


def head(*, system: str, captured_at: datetime, home: str, account: str) -> list[str]:
    """The first lines of an index."""
    return [
        f'schema = "{SCHEMA}"',
        f"platform = {toml(system)}",
        f"agent_version = {toml(__version__)}",
        f"captured_at = {toml(captured_at.replace(microsecond=0))}",
        f"home = {toml(home)}",
        f"account = {toml(account)}",
    ]


def fields(row: Row, files: dict[str, str]) -> Iterable[str]:
    """A row's lines; texts of more than one line, or a long one, go to files of their own."""
    for key, value in row.items():
        if key.endswith("_text") and ("\n" in value.rstrip("\n") or len(value) > LONGEST_INLINE):
            name = f"{len(files) + 1:03d}-{_stem(row)}.{key.removesuffix('_text')}.txt"
            files[name] = value
            yield f"{key.removesuffix('_text')} = {toml(name)}"
        else:
            yield f"{key} = {toml(value)}"


def _stem(row: Mapping[str, Any]) -> str:
    text = "-".join(row["argv"]) if "argv" in row else os.path.basename(row.get("path", "process"))
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")[:40] or "x"


def toml(value: object) -> str:
    """A TOML value. JSON's strings are TOML's, DEL aside."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, list):
        return "[" + ", ".join(toml(one) for one in value) + "]"
    if isinstance(value, bool | int):
        return json.dumps(value)
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def shown(files: Mapping[str, str]) -> str:
    """Every file with its name above it, the index first, safe for a terminal."""
    names = sorted(files, key=lambda name: (name != INDEX, name))
    return "\n".join(f"==> {name} <==\n{_safe(files[name])}" for name in names)


def _safe(text: str) -> str:
    lines = (line if line.isascii() and line.isprintable() else _escaped(line) for line in text.split("\n"))
    return "\n".join(lines)


def _escaped(line: str) -> str:
    """Tabs and line ends of Windows are the layout of many answers."""
    return "\t".join(printable(one, len(one)) for one in line.removesuffix("\r").split("\t"))


def in_the_way(folder: Path) -> None:
    """Raises CannotRun where the folder is there: told before anybody is asked anything."""
    if os.path.lexists(folder):
        raise CannotRun(EXISTS)


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Write into a new folder that only this account may enter. Raises CannotRun."""
    try:
        private_folder(str(folder.parent))
        folder.mkdir(mode=0o700)
        for name, text in files.items():
            (folder / name).write_text(text, "utf-8", newline="")
    except FileExistsError as error:
        raise CannotRun(EXISTS) from error
    except OSError as error:
        raise CannotRun(f"the recording can't be written: {error.strerror}") from error


def told(files: Mapping[str, str], said: str, *, as_json: bool) -> Answer:
    """What the command answers once all is written."""
    if as_json:
        body = json.dumps({"schema": "scrubin/record/1", "files": sorted(files)})
        return Answer(code=Exit.COMPLIANT, out=body + "\n")
    return Answer(code=Exit.COMPLIANT, out=said)
