"""What the tests of `scrubin photos` share: places of their own, and pictures as a scan finds them."""

import argparse
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from agent.cli import parser
from agent.exits import Answer
from agent.photos.image import Header, Medium, Seen, Stage
from agent.photos.scan import Found
from checks.clinical_images.fact import Folder, Group

NOW = datetime(2026, 11, 21, 7, 12, tzinfo=UTC)
NOW_S = int(NOW.timestamp())
HOUR_S = 3600


@pytest.fixture
def own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A state folder, policies and configuration of the test's own."""
    for name, folder in (
        ("SCRUBIN_STATE", "state"), ("SCRUBIN_SYSTEM_CONFIG", "etc"), ("XDG_CONFIG_HOME", "config"),
        ("XDG_RUNTIME_DIR", "run"),
    ):  # fmt: skip
        monkeypatch.setenv(name, str(tmp_path / folder))
    before = signal.getsignal(signal.SIGINT)
    yield tmp_path
    signal.signal(signal.SIGINT, before)


def policy(folder: Path, lines: str) -> None:
    """A practice's policy in the places of `own_places`."""
    path = folder / "etc" / "policy.d" / "practice.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    head = 'schema = "scrubin/policy/1"\nlayer = "practice"\nid = "example"\nversion = "7"\nname = "Example Practice"\n'
    path.write_text(head + lines)


def typed(*argv: str) -> argparse.Namespace:
    """A command line as the program reads it."""
    return parser().parse_args(["photos", *argv])


def text(answer: Answer) -> str:
    """What goes to standard output."""
    return answer.out.decode() if isinstance(answer.out, bytes) else answer.out


def seen(label: str = "wound", score: float = 0.9, **changes: Any) -> Seen:
    """A photo that was judged."""
    header = Header(medium=changes.pop("medium", Medium.PHOTO), format="jpeg", **changes.pop("header", {}))
    return Seen(
        header=header, stage=Stage.FULL, score=score, label=label, group=changes.pop("group", Group.BODY), **changes
    )


def found(number: int, *, hours: int | None = 30, result: Seen | None = None, **changes: Any) -> Found:
    """A picture that came to the laptop so many hours ago, with its date; None: without one."""
    since = NOW_S - (hours or 0) * HOUR_S
    values: dict[str, Any] = {
        "id": number, "path": f"/home/clin/Pictures/IMG_{number}.jpg", "place": Folder.CAMERA, "device": "laptop",
        "first_seen": since, "modified_s": 0 if hours is None else since,
    }  # fmt: skip
    return Found(result=result or seen(), **{**values, **changes})
