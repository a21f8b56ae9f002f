"""Hostile files end in a reason, soon, and without reading what need not be read."""

import errno
import io
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pytest
from hostile_files import FTYP, HOSTILE, READ, film_without_an_end, gif_bomb, tiff_bomb
from sample_files import HeldBytes, animation, box, dng, film, pages, photo, sample

from agent.photos.image import HEAD_BYTES, Unread, Unreadable
from agent.photos.readers import header, thumbnail, views
from agent.photos.readers.reach import BUDGET_BYTES, Garbled, Reach

CORPUS = Path(__file__).parent / "corpus"
HUNDRED_GB = 100 << 30


@dataclass
class OnDisk:
    """A source over a file, which counts what is read beyond the head."""

    path: Path
    name: str

    def __post_init__(self) -> None:
        self.file = self.path.open("rb")

    @property
    def size(self) -> int:
        return self.path.stat().st_size

    def head(self) -> bytes:
        self.file.seek(0)
        return self.file.read(HEAD_BYTES)

    def whole(self) -> BinaryIO:
        self.file.seek(0)
        return self.file


class Faulty(io.BytesIO):
    """A disk that fails in mid-read."""

    def __init__(self, fault: BaseException) -> None:
        super().__init__()
        self._fault = fault

    def read(self, size: int | None = -1) -> bytes:
        raise self._fault


@dataclass
class FaultySource(HeldBytes):
    fault: BaseException | None = None

    def whole(self) -> BinaryIO:
        assert self.fault is not None
        return Faulty(self.fault)


def outcome(source: HeldBytes | OnDisk) -> str:
    try:
        told = header(source)
        thumbnail(source, told)
        for _ in views(source, told, at_least=100):
            pass
    except Unreadable as fault:
        return fault.why.value
    return READ


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_file_ends_as_it_must(name: str) -> None:
    assert outcome(HeldBytes((CORPUS / name).read_bytes(), name)) == HOSTILE[name][0]


def test_corpus_is_what_its_script_makes_and_each_file_is_small() -> None:
    assert {path.name for path in CORPUS.iterdir()} == set(HOSTILE)
    assert all(path.stat().st_size <= 8 << 10 for path in CORPUS.iterdir())


SPARSE = {
    "photo.jpg": "too_large", "drawing.png": "too_large", "drawing.gif": "too_large", "photo.webp": "too_large",
    "scan.tiff": "too_large", "photo.avif": "too_large", "photo.heic": "too_large", "letter.pdf": "too_large",
    "photo.dng": READ, "film.mp4": READ, "voice.m4a": READ, "xray.dcm": READ,
}  # fmt: skip


@pytest.mark.parametrize("name", SPARSE)
def test_file_of_a_hundred_gigabytes_of_nothing(name: str, tmp_path: Path) -> None:
    path = tmp_path / "sparse"
    path.write_bytes(sample(name))
    with path.open("r+b") as file:
        file.truncate(HUNDRED_GB)
    source = OnDisk(path, name)
    assert outcome(source) == SPARSE[name]
    source.file.close()


@pytest.mark.parametrize("start", [b"\xff\xd8\xff\xe0", b"GIF89a", FTYP, film_without_an_end(), bytes(128) + b"DICM"])
def test_start_of_a_form_and_then_nothing_for_ever(start: bytes, tmp_path: Path) -> None:
    path = tmp_path / "sparse"
    path.write_bytes(start)
    with path.open("r+b") as file:
        file.truncate(HUNDRED_GB)
    source = OnDisk(path, "sparse")
    assert outcome(source) in {"too_large", "broken", READ}
    source.file.close()


@pytest.mark.parametrize("form", ["GIF", "PNG"])
def test_of_many_frames_few_are_decoded(form: str) -> None:
    one = animation(form, 2, side=8)
    frames = _many(one) if form == "GIF" else one
    source = HeldBytes(frames)
    assert len(list(views(source, header(source), at_least=4))) == 2


def _many(gif: bytes) -> bytes:
    """The last frame a hundred thousand times."""
    at = gif.rindex(b"!\xf9\x04")
    return gif[:at] + gif[at:-1] * 100_000 + b";"


@pytest.mark.parametrize("bomb", [gif_bomb(), tiff_bomb()], ids=["gif", "tiff"])
def test_bomb_is_refused_before_a_decoder_sees_it(bomb: bytes) -> None:
    source = HeldBytes(bomb)
    told = header(source)
    asked = source.asked_whole
    with pytest.raises(Unreadable) as caught:
        next(views(source, told, at_least=100))
    assert caught.value.why is Unread.TOO_MANY_PIXELS
    assert source.asked_whole == asked


@pytest.mark.parametrize("name", ["photo.jpg", "drawing.png", "photo.heic", "photo.dng", "film.mp4", "letter.pdf"])
def test_file_that_is_cut_anywhere_has_a_reason_or_pictures(name: str) -> None:
    data = sample(name)
    for cut in [*range(1, 200, 23), *range(200, len(data), max(1, len(data) // 12))]:
        assert outcome(HeldBytes(data[:cut], name)) in {READ, *Unread}


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (OSError(errno.EIO, "input/output error"), Unread.FAILED),
        (OSError(errno.ESTALE, "stale"), Unread.VANISHED),
        (PermissionError(errno.EACCES, "denied"), Unread.DENIED),
        (MemoryError(), Unread.OUT_OF_MEMORY),
        (Unreadable(Unread.CHANGED), Unread.CHANGED),
    ],
    ids=lambda it: str(it),
)
@pytest.mark.parametrize("name", ["photo.jpg", "drawing.png", "photo.heic", "film.mp4"])
def test_fault_of_the_disk_is_named(name: str, fault: BaseException, why: Unread) -> None:
    source = FaultySource(sample(name), name, fault=fault)
    with pytest.raises(Unreadable) as caught:
        list(views(source, header(source), at_least=100))
    assert caught.value.why is why


@pytest.mark.parametrize("library", ["PIL", "pillow_heif", "rawpy", "av", "pypdfium2"])
def test_form_whose_library_is_missing_has_no_reader(library: str, tmp_path: Path) -> None:
    made = {
        "PIL": photo(),
        "pillow_heif": sample("photo.heic"),
        "rawpy": dng(preview=b""),
        "av": film(),
        "pypdfium2": pages(1),
    }
    (tmp_path / "it").write_bytes(made[library])
    code = f"""
import io, sys
sys.modules[{library!r}] = None
from agent.photos.image import Unreadable
from agent.photos.readers import header, views
class Held:
    name = "it"
    data = open(sys.argv[1], "rb").read()
    size = len(data)
    head = lambda self: self.data[:65536]
    whole = lambda self: io.BytesIO(self.data)
try:
    list(views(Held(), header(Held()), at_least=100))
except Unreadable as fault:
    print(fault.why)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "it")], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "no_reader"


def test_photos_are_read_without_loading_the_libraries_of_other_forms() -> None:
    code = """
import sys
import agent.photos.readers
assert not {"PIL", "numpy", "av"} & sys.modules.keys()
from agent.photos.readers import still, raw
assert not {"av", "rawpy", "pypdfium2", "pydicom", "pillow_heif", "numpy"} & sys.modules.keys()
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_reach_reads_no_more_than_its_budget() -> None:
    reach = Reach(HeldBytes(bytes(HEAD_BYTES + 4 * BUDGET_BYTES)))
    with pytest.raises(Garbled):
        sum(len(reach(at, 8)) for at in range(HEAD_BYTES, HEAD_BYTES + 4 * BUDGET_BYTES, 8192))
    with pytest.raises(Garbled):
        reach(-1, 8)


def test_list_of_boxes_that_does_not_end_is_given_up() -> None:
    source = HeldBytes(FTYP + box(b"free", b"") * 60_000)
    assert header(source).width is None
    assert outcome(source) == "broken"
