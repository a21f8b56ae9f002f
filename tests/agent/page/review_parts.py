"""A laptop with pictures that are really there, a phone that is not, an index of both, and what deletes with memory."""

import hashlib
import io
import json
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from random import Random
from types import SimpleNamespace

from PIL import Image, ImageDraw
from visit_parts import Answer, Visit, visited

from agent.page.page import Page
from agent.page.reviewing import Reviewing
from agent.page.reviewing_tools import Tools
from agent.photos.consent import agree
from agent.photos.darkroom_model import DarkroomError, Preview, Shot, Stripped, Trace
from agent.photos.fingerprint import fingerprint
from agent.photos.image import Fingerprint, Header, Medium, Seen, Stage, Unread
from agent.photos.index import LAPTOP, Put, digest
from agent.photos.place import File, Place
from agent.photos.review.model import Copy, Marked, Removal, Removed
from agent.photos.scan import open_index
from agent.places import places
from agent.status_file import SCHEMA
from checks.clinical_images.fact import Disposition, Folder, Group, Origin
from checks.makers import Maker
from reports.deliver.bodies import utc_text

NOW = datetime(2026, 11, 21, 7, 12, tzinfo=UTC)
NOW_S = int(NOW.timestamp())
DAY_S = 86400
PHONE = "0a1b2c3d-0000-4000-8000-000000000001"
STORAGE = "/storage/emulated/0"
CLEAR, BLURRED = b"\xff\xd8\xffclear\xff\xd9", b"\xff\xd8\xffblurred\xff\xd9"


@cache
def drawn(seed: int, side: int = 480) -> bytes:
    """A JPEG of shapes that no other seed has."""
    chance = Random(seed)
    image = Image.new("RGB", (side, side * 3 // 4), (200 - seed * 7 % 90, 150 + seed * 13 % 80, 140 + seed * 29 % 90))
    brush = ImageDraw.Draw(image)
    for _ in range(40):
        x, y, size = chance.randrange(side), chance.randrange(side), chance.randrange(20, side // 3)
        brush.ellipse((x, y, x + size, y + size // 2), fill=tuple(chance.randrange(256) for _ in range(3)))
    held = io.BytesIO()
    image.save(held, "JPEG", quality=90)
    return held.getvalue()


@cache
def printed(seed: int) -> Fingerprint:
    """What copies of it have in common."""
    embedding = bytes(Random(seed).randrange(-40, 40) & 0xFF for _ in range(96))
    return fingerprint(Image.open(io.BytesIO(drawn(seed))).convert("RGB"), embedding)


def judged(seed: int, *, score: float = 0.93, label: str = "wound", group: Group = Group.BODY, **header) -> Seen:
    """As the finder would."""
    values = {"medium": Medium.PHOTO, "format": "jpeg", "camera": True, "taken_at": "2026-11-12T14:41:00", **header}
    return Seen(
        header=Header(**values), stage=Stage.FULL, score=score, label=label, group=group, fingerprint=printed(seed)
    )


@dataclass
class FakePhone:
    """A phone by its files; one that is pulled out answers nothing."""

    files: dict[str, bytes] = field(default_factory=dict)
    here: bool = True
    name: str = "Pixel 9a"
    maker: Maker = Maker.GOOGLE
    removed: list[str] = field(default_factory=list)
    refuse: Removal | None = None
    """What it says in place of deleting."""

    @property
    def remover(self) -> "FakePhone":
        return self

    def whole(self, copy: Copy) -> bytes | Unread:
        return self.files.get(copy.path, Unread.VANISHED) if self.here else Unread.FAILED

    def mark(self, copy: Copy) -> Marked | Removal:
        if not self.here:
            return Removal.PHONE_GONE
        if copy.path not in self.files:
            return Removal.ALREADY_GONE
        return Marked(copy=copy, sha256=hashlib.sha256(self.files[copy.path]).digest())

    def remove(self, marked: Marked) -> Removed:
        self.here = self.here and self.refuse is not Removal.UNSURE
        if not self.here or self.refuse:
            return Removed(outcome=self.refuse or Removal.PHONE_GONE)
        held = self.files.get(marked.copy.path)
        if held is None or hashlib.sha256(held).digest() != marked.sha256:
            return Removed(outcome=Removal.CHANGED)
        del self.files[marked.copy.path]
        self.removed.append(marked.copy.path)
        return Removed(outcome=Removal.GONE, twins=1)

    def is_gone(self, marked: Marked) -> bool | None:
        return marked.copy.path not in self.files if self.here else None


@dataclass
class FakeRoom:
    """A darkroom that knows what every picture looks like, and remembers what it was asked."""

    asked: list[Shot] = field(default_factory=list)
    why: Unread | None = None

    def preview(self, shot: Shot) -> Preview:
        self.asked.append(shot)
        if self.why:
            raise DarkroomError(self.why)
        return Preview(clear=CLEAR, blurred=BLURRED, width=480, height=360, sha256=bytes(32))

    def strip(self, shot: Shot) -> Stripped:
        self.asked.append(shot)
        if self.why:
            raise DarkroomError(self.why)
        return Stripped(data=drawn(999), suffix=".jpg", removed=(Trace.TIME, Trace.PLACE))


@dataclass
class Scene:
    """One clinician's laptop and phone."""

    home: Path
    phone: FakePhone = field(default_factory=FakePhone)
    room: FakeRoom | None = field(default_factory=FakeRoom)
    """None: the real one."""
    clock_s: float = 1000.0
    now: datetime = NOW
    records: object = None
    laptop: object = None
    """In place of the real remover."""
    checked: list[str] = field(default_factory=list)
    """Devices whose check was asked for."""

    def add(
        self, name: str, seed: int = 1, *, place: Folder = Folder.CAMERA, device: str = LAPTOP, days: float = 9,
        origin: Origin = Origin.TAKEN, data: bytes | None = None, result: Seen | None = None,
    ) -> int:  # fmt: skip
        """One file, and its row in the index: its id."""
        data = drawn(seed) if data is None else data
        modified_s = NOW_S - int(days * DAY_S)
        path, stamp = self._put(name, data, device, modified_s)
        at = Place(folder=place, path=os.path.dirname(path), origin=origin)
        file = File(place=at, path=path, size=len(data), stamp=stamp, modified_s=modified_s)
        with open_index(places().photos) as index:
            mark = digest(index.key, len(data), data[: 64 << 10])
            row = Put(file=file, result=result or judged(seed), model="finder 1", digest=mark, now=modified_s)
            index.put(device, [row])
            return next(one.id for one in index.pictures(at_least=0.0) if one.file.path == path)

    def _put(self, name: str, data: bytes, device: str, modified_s: int) -> tuple[str, int]:
        if device != LAPTOP:
            self.phone.files[f"{STORAGE}/{name}"] = data
            return f"{STORAGE}/{name}", modified_s
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (modified_s, modified_s))
        return str(path), path.stat().st_mtime_ns

    def checked_at(self, at: datetime, *, status: str = "fail", proven: bool = True) -> None:
        """What the last check of both devices left."""
        for folder in (places().state, places().phones / PHONE):
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "status.json").write_text(json.dumps(_status(at, status, proven)))

    def dispositions(self) -> set[Disposition]:
        """Of all rows of the index."""
        with open_index(places().photos) as index:
            return {one.disposition for one in index.pictures(at_least=0.0)}

    def visited(self) -> AbstractContextManager[Visit]:
        """A page of this laptop."""
        return visited(now=lambda: self.now, clock_s=lambda: self.clock_s, change=self.changed)

    def changed(self, page: Page) -> Page:
        tools = self.tools(page.reviewing.tools)
        reviewing = Reviewing(
            page.places, open_desk=page.open_desk, now=page.now, clock_s=page.clock_s, busy=page.busy, stop=page.stop,
            tools=tools,
        )  # fmt: skip
        checking = SimpleNamespace(check=lambda device, after=False: self.checked.append(device))
        return replace(page, reviewing=reviewing, checking=checking)

    def tools(self, real: Tools) -> Tools:
        return replace(
            real,
            **({} if self.room is None else {"darkroom": self.room, "close": lambda: None}),
            attached=lambda _: {PHONE: self.phone} if self.phone.here else {},
            laptop=real.laptop if self.laptop is None else lambda _: self.laptop,
            records=lambda _: self.records,
            pictures=lambda _: self.home / "Pictures",
        )


def agreed() -> None:
    """The person's yes to having their pictures looked at."""
    agree(places().photos, now=NOW)


def scene(home: Path) -> Scene:
    """Three pictures: two with copies on both devices, one alone; looked at an hour ago."""
    agreed()
    made = Scene(home=home)
    made.checked_at(NOW)
    made.add("Pictures/a.jpg", 1)
    made.add("Downloads/a-small.jpg", 1, place=Folder.DOWNLOADS, origin=Origin.RECEIVED, days=8)
    made.add("DCIM/Camera/a.jpg", 1, device=PHONE, days=9)
    ecg = judged(2, label="ecg_trace", group=Group.TRACING, gps=True)
    made.add("Pictures/ecg.jpg", 2, days=6, result=ecg)
    made.add("WhatsApp/Sent/ecg.jpg", 2, days=6, device=PHONE, place=Folder.MESSENGER, origin=Origin.SENT, result=ecg)
    made.add("Pictures/box.jpg", 3, days=1, result=judged(3, label="medication", group=Group.MEDICATION, camera=False))
    return made


def number_of(visit: Visit, title: str) -> int:
    """In the address of the picture that is called so."""
    shelf = visit.page.reviewing.shelf(visit.page.open_desk())
    return next(one.number for one in shelf.pictures if one.title == title)


def shown(visit: Visit, number: int) -> str:
    """As the forms of its page have it."""
    found = visit.page.reviewing.shelf(visit.page.open_desk()).holding(number)
    assert found is not None
    return found.shown


def ids(visit: Visit, number: int) -> list[str]:
    """Of its copies."""
    found = visit.page.reviewing.shelf(visit.page.open_desk()).holding(number)
    assert found is not None
    return [str(one) for one in found.ids]


def said(visit: Visit, number: int, decision: str = "in_record", **fields: str) -> Answer:
    """The form of the panel, sent."""
    return visit.post(f"/pictures/{number}/decide", shown=shown(visit, number), decision=decision, **fields)


def confirmed(visit: Visit, number: int, copies: Sequence[str] | None = None, **changes: str | list[str]) -> Answer:
    """The form of the second confirmation, sent; all copies, as it comes."""
    ticked = ids(visit, number) if copies is None else list(copies)
    fields: Mapping[str, str | list[str]] = {
        "shown": shown(visit, number), "copy": ticked, "count": str(len(ticked)), "seen": "yes", "says": "yes",
        **changes,
    }  # fmt: skip
    return visit.post(f"/pictures/{number}/delete", **fields)


def waits_at(answer: Answer) -> str:
    """Where a deletion waits, by what sending the form was answered."""
    assert answer.status == 303, answer.text
    where = answer.headers["location"].removesuffix("#panel")
    assert where.startswith("/pictures/waiting/"), where
    return where


def clock(scene: Scene) -> Callable[[float], None]:
    """Lets time pass."""

    def passed(seconds: float) -> None:
        scene.clock_s += seconds

    return passed


def _status(at: datetime, status: str, proven: bool) -> Mapping[str, object]:
    finding = {
        "check_id": "clinical_images", "status": status, "severity": "high", "level": "required",
        "observed_at": utc_text(at), "reasons": [], "attestation": None,
    }  # fmt: skip
    return {
        "schema": SCHEMA, "device_id": PHONE, "overall": "not_compliant",
        "policy": {"id": "example", "version": "1"}, "generated_at": utc_text(at),
        "proof": "proven" if proven else "unproven", "findings": [finding],
        "delivery": {"waiting": 0, "oldest_waiting_at": None, "last_delivered_at": None},
    }  # fmt: skip
