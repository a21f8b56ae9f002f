"""From a file to a score: each step is taken only where the one before leaves room, and no page passes unread."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image

from agent.photos import classify
from agent.photos import examine as cascade
from agent.photos.classify import Finder, Opinion
from agent.photos.image import Medium, NeedsWhole, Seen, Stage, Unread, Words
from agent.photos.planted import FOLDER
from agent.photos.source import HeldSource
from agent.photos.words import Page
from checks.clinical_images.fact import Group

PASS_ON = 0.1


class FakeFinder:
    """Says what it was told to say, first of thumbnails, then of whole pictures; counts how often it looked."""

    def __init__(self, *, small: float = 0.0, large: float = 0.0, document: float = 0.0) -> None:
        self.card = SimpleNamespace(pass_on=PASS_ON)
        self._small, self._large, self._document = small, large, document
        self.looks: list[str] = []

    def look(self, images: Sequence[Image.Image], *, small: bool = False) -> list[Opinion]:
        self.looks += ["small" if small else "large"] * len(images)
        score = self._small if small else self._large
        group = Group.BODY if score >= 0.5 else Group.ORDINARY
        one = Opinion(
            score=score, odds=score * 10 - 5, label="wound" if score >= 0.5 else "pet", group=group,
            document=self._document, embedding=bytes([127]) + bytes(95),
        )  # fmt: skip
        return [one] * len(images)

    def score(self, odds: float, _: Group) -> float:
        return (odds + 5) / 10


def picture(width: int = 1200, height: int = 900, *, thumbnail: bool = False) -> bytes:
    store = BytesIO()
    image = Image.effect_noise((width, height), 60).convert("RGB")
    image.save(store, "JPEG", exif=with_thumbnail(image) if thumbnail else b"")
    return store.getvalue()


def with_thumbnail(image: Image.Image) -> bytes:
    """EXIF with a second directory that points at a small JPEG behind it."""
    small = BytesIO()
    image.resize((160, 160 * image.height // image.width)).save(small, "JPEG")
    data = small.getvalue()
    head = b"II*\x00\x08\x00\x00\x00" + b"\x00\x00" + (14).to_bytes(4, "little")
    start = 14 + 2 + 3 * 12 + 4
    tags = ((0x0103, 3, 6), (0x0201, 4, start), (0x0202, 4, len(data)))
    entries = b"".join(
        tag.to_bytes(2, "little") + kind.to_bytes(2, "little") + (1).to_bytes(4, "little") + value.to_bytes(4, "little")
        for tag, kind, value in tags
    )
    return b"Exif\x00\x00" + head + (3).to_bytes(2, "little") + entries + bytes(4) + data


def source(data: bytes, name: str = "a.jpg", *, whole: bool = True) -> HeldSource:
    return HeldSource(name, len(data), data[: 64 << 10], data if whole else None)


def judged(data: bytes, finder: FakeFinder, reader: object = None) -> Seen:
    result = cascade.examine(source(data), finder, reader)  # type: ignore[arg-type]
    assert isinstance(result, Seen)
    return result


def test_a_plain_no_from_a_thumbnail_ends_it() -> None:
    finder = FakeFinder(small=0.01, large=0.9)
    found = judged(picture(thumbnail=True), finder)
    assert (found.stage, found.score, finder.looks) == (Stage.THUMBNAIL, 0.01, ["small"])
    assert found.fingerprint is None


def test_a_doubt_from_a_thumbnail_goes_on_to_the_picture_and_its_middle() -> None:
    finder = FakeFinder(small=PASS_ON, large=0.9)
    found = judged(picture(thumbnail=True), finder)
    assert (found.stage, finder.looks) == (Stage.FULL, ["small", "large", "large"])
    assert found.score == pytest.approx(0.9)
    assert (found.group, found.fingerprint is not None) == (Group.BODY, True)


def test_a_yes_from_a_thumbnail_is_not_taken_for_one() -> None:
    found = judged(picture(thumbnail=True), FakeFinder(small=0.99, large=0.01))
    assert (found.stage, found.score) == (Stage.FULL, 0.01)


def test_a_picture_without_thumbnail_is_looked_at_whole() -> None:
    finder = FakeFinder(large=0.01)
    assert judged(picture(), finder).stage is Stage.FULL
    assert finder.looks == ["large"]


def test_the_head_of_a_large_picture_is_not_enough_where_it_leaves_doubt() -> None:
    data = picture(2400, 1800, thumbnail=True)
    assert len(data) > 64 << 10
    half = source(data, whole=False)
    with pytest.raises(NeedsWhole):
        cascade.examine(half, FakeFinder(small=0.9), None)  # type: ignore[arg-type]
    decided = cascade.examine(half, FakeFinder(small=0.0), None)  # type: ignore[arg-type]
    assert isinstance(decided, Seen)


@pytest.fixture
def words(monkeypatch: pytest.MonkeyPatch) -> list[Page]:
    """What the page says, in place of reading it."""
    said: list[Page] = []
    monkeypatch.setattr(cascade.document, "read", lambda *_, **__: said[0])
    return said


@pytest.mark.parametrize(
    ("page", "score", "group", "stage"),
    [
        (Page(words=Words.CLINICAL, weight=0.5), 0.8, Group.DOCUMENT, Stage.TEXT),
        (Page(words=Words.CLINICAL, weight=1.0), 1.0, Group.DOCUMENT, Stage.TEXT),
        (Page(words=Words.ORDINARY, weight=0.0), 0.2, Group.ORDINARY, Stage.TEXT),
        (Page(words=Words.UNREAD, weight=0.0), 0.4, Group.ORDINARY, Stage.FULL),
    ],
)
def test_the_words_of_a_page_decide(words: list[Page], page: Page, score: float, group: Group, stage: Stage) -> None:
    words.append(page)
    found = judged(picture(), FakeFinder(large=0.4, document=0.9))
    assert (found.score, found.group, found.stage, found.words) == (pytest.approx(score), group, stage, page.words)


def test_ordinary_words_do_not_clear_a_tracing(words: list[Page]) -> None:
    words.append(Page(words=Words.ORDINARY, weight=0.0))
    assert judged(picture(), FakeFinder(large=0.9, document=0.6)).score == pytest.approx(0.9)


def test_a_page_too_small_to_read_is_unread_not_ordinary(words: list[Page]) -> None:
    words.append(Page(words=Words.ORDINARY, weight=0.0))
    found = judged(picture(600, 400), FakeFinder(large=0.4, document=0.9))
    assert (found.words, found.score) == (Words.UNREAD, 0.4)


def test_a_preview_of_a_page_that_nobody_can_read_is_told_by_its_look() -> None:
    found = judged(picture(256, 180), FakeFinder(large=0.4, document=0.9))
    assert (found.words, found.score) == (Words.NOT_ASKED, 0.4)


def test_a_page_behind_a_photograph_is_read_too(words: list[Page]) -> None:
    words.append(Page(words=Words.CLINICAL, weight=0.9))
    store = BytesIO()
    first, second = (Image.effect_noise((900, 1200), 60).convert("RGB") for _ in range(2))
    first.save(store, "TIFF", save_all=True, append_images=[second])

    class PageBehind(FakeFinder):
        def look(self, images: Sequence[Image.Image], *, small: bool = False) -> list[Opinion]:
            found = super().look(images, small=small)
            behind = len(self.looks) > 1
            return [replace(one, score=0.01, document=0.9 if behind else 0.0) for one in found]

    assert judged(store.getvalue(), PageBehind(large=0.05), object()).score == pytest.approx(0.96)


def test_without_a_reader_pages_are_unread() -> None:
    assert judged(picture(), FakeFinder(large=0.1, document=0.9), None).words is Words.UNREAD


def test_nonsense_is_no_picture_and_a_cut_one_is_broken() -> None:
    finder = FakeFinder()
    assert cascade.examine(source(b"hello" * 100), finder, None) is Unread.NOT_A_PICTURE  # type: ignore[arg-type]
    assert cascade.examine(source(picture()[:3000]), finder, None) is Unread.BROKEN  # type: ignore[arg-type]


def test_a_dicom_file_is_clinical_without_a_look() -> None:
    finder = FakeFinder()
    data = bytes(128) + b"DICM" + b"\x02\x00\x00\x00UL\x04\x00\x00\x00\x00\x00"
    result = cascade.examine(source(data, "IM0001"), finder, None)  # type: ignore[arg-type]
    assert isinstance(result, Seen)
    assert (result.score, result.group, finder.looks) == (1.0, Group.IMAGING, [])
    assert result.header.medium is Medium.DICOM


@pytest.fixture(scope="module", params=["best", "clean"])
def finder(request: pytest.FixtureRequest) -> Finder:
    return classify.load(request.param)


def test_both_finders_find_the_planted_picture(finder: Finder) -> None:
    (path,) = Path(FOLDER).glob("*.jpg")
    data = path.read_bytes()
    result = cascade.examine(HeldSource(path.name, len(data), data[: 64 << 10], data), finder, None)
    assert isinstance(result, Seen)
    assert result.score >= 0.8
    assert result.group is Group.TRACING


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (90, 140, 220), (60, 120, 40)])
def test_plain_ground_is_nothing_clinical(finder: Finder, colour: tuple[int, int, int]) -> None:
    (opinion,) = finder.look([Image.new("RGB", (640, 480), colour)])
    assert opinion.score < 0.8


def test_thumbnails_and_whole_pictures_are_judged_alike(finder: Finder) -> None:
    (path,) = Path(FOLDER).glob("*.jpg")
    with Image.open(path) as image:
        (large,) = finder.look([image])
        image.thumbnail((160, 160))
        (small,) = finder.look([image], small=True)
    assert large.label == small.label


def test_the_names_tell_the_finders_apart() -> None:
    assert classify.load("best").name != classify.load("clean").name
    assert classify.load("clean").name.startswith("scrubin-clean ")


def test_weights_that_are_not_those_of_the_card_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("best.json", "best.onnx"):
        shutil.copy(classify.FOLDER / name, tmp_path)
    with (tmp_path / "best.onnx").open("ab") as file:
        file.write(b"\0")
    monkeypatch.setattr(classify, "FOLDER", tmp_path)
    with pytest.raises(ValueError, match="not those of the card"):
        classify.load("best")
