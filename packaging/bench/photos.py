"""The search for clinical images beside the same stages without our code, beside others, and beside a bare walk.

Usage: photos.py. Pictures are made here: 12 megapixels each, noisy as a camera's, with the thumbnail that cameras add.
"""

import io
import os
import statistics
import struct
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from PIL import ExifTags, Image
from table import Row, ratio_row, show

from agent.photos.engine import FromDisk, Scan
from agent.photos.index import Index
from agent.photos.place import Place
from agent.photos.scan import scan_folders
from agent.photos.walk import walk
from agent.photos.weights import FOLDER, Weights
from checks.clinical_images.fact import Folder

DRAWN = 40
PICTURES = 600
"""Each drawn one several times over, with a number in its head: equal files would be known again."""
WHOLE = 24
"""Pictures for those that decode all of each, which takes long."""
UNCHANGED = 10_000
PROCESSES = 2
SPEED = 0.9
"""Images a second, as a share of the bare loop's, at least."""
FASTER = 3
"""Times as fast as what decodes everything, at least."""
RESCAN = 2
WORKER_MB = 350
SIDE = 160
EXIF = b"Exif\0\0"
_session: Any = None


def rows() -> list[Row]:
    """All measures of this file."""
    return [*_speed(), _rescan()]


def _speed() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="scrubin-bench-") as folder:
        paths = list(_pictures(Path(folder)))
        few = paths[:WHOLE]
        with _peaks() as peaks:
            steady = _Steady()
            scan_folders([folder], weights=Weights.BEST, stop=threading.Event(), tick=lambda one: steady.saw(one.done))
            ours = steady.rate
        bare = _rate(_thumbnail, paths)
        everything = _rate(_whole, few)
        nude = _rate(_nude, few) if _has_nudenet() else None
    worker, parent = peaks()
    found = [
        _faster("thumbnail first, 12 MP", ours, "bare loop of the same stages", bare, SPEED),
        _faster("thumbnail first, 12 MP", ours, "decoding everything", everything, FASTER),
    ]
    if nude is not None:
        found.append(_faster("thumbnail first, 12 MP", ours, "nudenet", nude, FASTER))
    found.append(
        Row(
            measure="worker, peak memory", seen=f"{worker:.0f} MB", beside=f"its parent {parent:.0f} MB",
            target=f"at most {WORKER_MB} MB", kept=worker <= WORKER_MB,
        )
    )  # fmt: skip
    return found


def _faster(measure: str, ours: float, beside: str, theirs: float, least: float) -> Row:
    return Row(
        measure=measure, seen=f"{ours:.1f} images/s", beside=f"{beside} {theirs:.1f} images/s", ratio=ours / theirs,
        target=f"at least {least:g} times", kept=ours / theirs >= least,
    )  # fmt: skip


def _rescan() -> Row:
    """Nothing changed: our scan beside a bare walk that looks at each file's size and time."""
    with tempfile.TemporaryDirectory(prefix="scrubin-bench-") as folder, Index.in_memory(key=bytes(32)) as index:
        for number in range(UNCHANGED):
            Path(folder, f"{number}.txt").write_text("no picture")
        _scan(index, folder)
        times: dict[str, list[float]] = {"ours": [], "bare": []}
        for _ in range(5):
            times["ours"].append(_timed(lambda: _scan(index, folder)))
            times["bare"].append(_timed(lambda: _bare_walk(folder)))
    ours, bare = (statistics.median(times[name]) for name in ("ours", "bare"))
    return ratio_row(f"rescan of {UNCHANGED:,} unchanged files", ours, beside="bare walk", beside_s=bare, limit=RESCAN)


class _Nobody:
    """Judges nothing: for folders without pictures."""

    def answers(self, jobs: Iterable[Any]) -> Iterator[Any]:
        from agent.photos.crew import Answer
        from agent.photos.image import Unread

        return (Answer(number=one.number, result=Unread.NOT_A_PICTURE) for one in jobs)


def _scan(index: Index, folder: str) -> None:
    place = Place(folder=Folder.PICTURES, path=folder)
    stop = threading.Event()
    scan = Scan(device="laptop", index=index, model="finder", crew=lambda _: _Nobody(), stop=stop)
    assert scan.run(walk([place], stop=stop), FromDisk()).complete
    index.counts("laptop", model="finder", at_least=0.01)


def _bare_walk(folder: str) -> list[tuple[str, int, int]]:
    with os.scandir(folder) as found:
        return [(one.path, (seen := one.stat()).st_size, seen.st_mtime_ns) for one in found]


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


class _Steady:
    """Images a second once both processes run: how long libraries take to load is another matter."""

    def __init__(self) -> None:
        self._times: list[float] = []

    def saw(self, done: int) -> None:
        if done > len(self._times):
            self._times.append(time.perf_counter())

    @property
    def rate(self) -> float:
        first = len(self._times) // 4
        return (len(self._times) - first - 1) / (self._times[-1] - self._times[first])


def _rate(judge: Callable[[Path], object], paths: Sequence[Path]) -> float:
    """The same in as many processes as our scan has workers."""
    steady = _Steady()
    with ProcessPoolExecutor(PROCESSES, initializer=_give_way) as pool:
        for done, _ in enumerate(pool.map(judge, paths), start=1):
            steady.saw(done)
    return steady.rate


def _give_way() -> None:
    """As our workers do: else a busy machine would slow them alone."""
    os.nice(10)


def _network() -> Any:
    global _session
    if _session is None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        _session = onnxruntime.InferenceSession(str(FOLDER / "best.onnx"), options, providers=["CPUExecutionProvider"])
    return _session


def _judged(image: Image.Image, side: int) -> int:
    square = np.asarray(image.convert("RGB").resize((side, side), Image.Resampling.BILINEAR), np.float32)
    logits, _ = _network().run(None, {"pictures": ((square - 127) / 128).transpose(2, 0, 1)[None]})
    return int(logits[0].argmax())


def _thumbnail(path: Path) -> int:
    """The first 64 KiB, what its EXIF block says, the thumbnail in it, the network."""
    with path.open("rb") as file:
        head = file.read(64 << 10)
    with Image.open(io.BytesIO(head)) as image:
        _, start, size = _told(image)
        thumbnail = image.info["exif"][len(EXIF) + start :][:size]
    with Image.open(io.BytesIO(thumbnail)) as image:
        return _judged(image, SIDE)


def _told(image: Image.Image) -> tuple[tuple[object, ...], int, int]:
    """When, where, with what and how it was held; where the thumbnail lies, and its length."""
    exif, tag = image.getexif(), ExifTags.Base
    taken, place, second = (exif.get_ifd(one) for one in (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo, ExifTags.IFD.IFD1))
    told = (taken.get(tag.DateTimeOriginal), bool(place), exif.get(tag.Model), exif.get(tag.Orientation))
    return told, second[tag.JpegIFOffset], second[tag.JpegIFByteCount]


def _whole(path: Path) -> int:
    with Image.open(path) as image:
        image.load()
        return _judged(image, 224)


def _has_nudenet() -> bool:
    from importlib.util import find_spec

    return find_spec("nudenet") is not None


def _nude(path: Path) -> int:
    global _session
    if _session is None:
        from nudenet import NudeDetector

        _session = NudeDetector()
    return len(_session.detect(str(path)))


@contextmanager
def _peaks() -> Iterator[Callable[[], tuple[float, float]]]:
    """Largest resident size of one child, and of this process, in MB, while the block runs."""
    seen, done = {"child": 0, "own": 0}, threading.Event()
    own = psutil.Process()

    def watch() -> None:
        while not done.wait(0.02):
            seen["own"] = max(seen["own"], own.memory_info().rss)
            for one in own.children():
                try:
                    seen["child"] = max(seen["child"], one.memory_info().rss)
                except psutil.Error:
                    continue

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield lambda: (seen["child"] / 1e6, seen["own"] / 1e6)
    finally:
        done.set()
        thread.join()


def _pictures(folder: Path) -> Iterator[Path]:
    drawn = [_picture(folder / "drawn.jpg", seed).read_bytes() for seed in range(DRAWN)]
    (folder / "drawn.jpg").unlink()
    for number in range(PICTURES):
        path, data = folder / f"{number}.jpg", drawn[number % DRAWN]
        comment = b"\xff\xfe" + struct.pack(">HI", 6, number)
        path.write_bytes(data[:2] + comment + data[2:])
        yield path


def _picture(path: Path, seed: int) -> Path:
    chance = np.random.default_rng(seed)
    coarse = Image.fromarray(chance.integers(0, 256, (24, 32, 3), dtype=np.uint8))
    image = coarse.resize((4000, 3000), Image.Resampling.BICUBIC)
    grain = chance.integers(-5, 6, (3000, 4000, 1), dtype=np.int16)
    image = Image.fromarray(np.clip(np.asarray(image, np.int16) + grain, 0, 255).astype(np.uint8))
    image.save(path, "JPEG", quality=88, exif=_exif(image))
    return path


def _exif(image: Image.Image) -> bytes:
    """What a phone writes: its model, how it was held, when, where, and a second directory with the thumbnail."""
    tag = ExifTags.Base
    exif = Image.Exif()
    exif.update({tag.Make: "Example", tag.Model: "Phone 1", tag.Orientation: 1, tag.DateTime: "2026:01:02 03:04:05"})
    exif.get_ifd(ExifTags.IFD.Exif)[tag.DateTimeOriginal] = "2026:01:02 03:04:05"
    exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "S", 2: (33.0, 52.0, 10.0), 3: "E", 4: (151.0, 12.0, 30.0)})
    block = bytearray(exif.tobytes()[len(EXIF) :])
    (first,) = struct.unpack_from(">H", block, 8)
    second = len(block)
    struct.pack_into(">I", block, 8 + 2 + 12 * first, second)
    store = io.BytesIO()
    image.resize((160, 120)).save(store, "JPEG", quality=80)
    data = store.getvalue()
    entries = ((0x0103, 3, 6 << 16), (0x0201, 4, second + 2 + 3 * 12 + 4), (0x0202, 4, len(data)))
    packed = b"".join(struct.pack(">HHII", name, kind, 1, value) for name, kind, value in entries)
    return EXIF + block + struct.pack(">H", len(entries)) + packed + bytes(4) + data


if __name__ == "__main__":
    measured = rows()
    show(measured)
    sys.exit(any(row.kept is False for row in measured))
