"""A worker's answer comes back as it was given; nothing else passes for an answer."""

import json
import re
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.photos.frames import Frame, FrameError
from agent.photos.image import EMBEDDING, Fingerprint, Header, Medium, Result, Seen, Stage, Unread, Words
from agent.photos.result_form import PROOF, told, understood
from checks.clinical_images.fact import Group

taken = st.datetimes(min_value=datetime(1900, 1, 1)).map(lambda one: one.isoformat(timespec="seconds"))  # noqa: DTZ001
sides = st.none() | st.integers(0, 2**32)
headers = st.builds(
    Header, medium=st.sampled_from(Medium), format=st.sampled_from(["jpeg", "heic", "svg+xml"]), gps=st.booleans(),
    taken_at=st.none() | taken | taken.map(lambda one: one + "+10:30"), camera=st.booleans(),
    orientation=st.integers(1, 8), width=sides, height=sides,
)  # fmt: skip
fingerprints = st.builds(
    Fingerprint,
    hashes=st.lists(st.integers(0, 2**64 - 1), max_size=12).map(tuple),
    embedding=st.binary(min_size=EMBEDDING, max_size=EMBEDDING),
)
seen = st.builds(
    Seen, header=headers, stage=st.sampled_from(Stage), score=st.floats(0, 1), group=st.sampled_from(Group),
    label=st.from_regex(re.compile(r"[a-z0-9_]{1,40}", re.ASCII), fullmatch=True), words=st.sampled_from(Words),
    fingerprint=st.none() | fingerprints,
)  # fmt: skip
results = st.none() | st.sampled_from(Unread) | seen
anything = st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), st.lists, max_leaves=4)

GOOD, EMBEDDED = told(
    7,
    Seen(
        header=Header(medium=Medium.PHOTO, format="jpeg", taken_at="2024-02-29T10:00:00", width=4, height=3),
        stage=Stage.FULL, score=0.5, label="wound", group=Group.BODY,
        fingerprint=Fingerprint(hashes=(1, 2), embedding=bytes(EMBEDDING)),
    ),
)  # fmt: skip


def heard(row: dict[str, object], payload: bytes = EMBEDDED) -> tuple[int, Result | None]:
    return understood(Frame(header=json.loads(json.dumps(row)), payload=payload))


@settings(deadline=None)
@given(st.integers(PROOF, 2**40), results)
def test_answers_come_back_as_they_were_given(number: int, result: Result | None) -> None:
    assert heard(*told(number, result)) == (number, result)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(GOOD)), anything), st.binary(max_size=EMBEDDING))
def test_whatever_a_worker_says_is_an_answer_or_refused(changes: dict[str, object], payload: bytes) -> None:
    try:
        number, result = heard(GOOD | changes, payload)
    except FrameError:
        return
    assert heard(*told(number, result)) == (number, result)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("number", -2), ("number", True), ("number", 7.0), ("number", None), ("number", 2**63 + 1),
        ("medium", "hologram"), ("medium", ["photo"]), ("stage", None), ("group", "cats"), ("words", "said"),
        ("unread", "bored"), ("score", float("nan")), ("score", 1.01), ("score", -0.1), ("score", True),
        ("score", "1"), ("score", 10**400), ("label", ""), ("label", "a" * 41), ("label", "\x1b[31m"),
        ("label", "Wound"), ("label", "wound\n"), ("format", "../etc"), ("format", ""), ("taken_at", "yesterday"),
        ("taken_at", "2024-02-30T10:00:00"), ("taken_at", "2024-02-29"), ("taken_at", "2024-02-29T10:00:00\n"),
        ("taken_at", "٢٠٢٤-02-29T10:00:00"), ("taken_at", "2024-02-29T10:00:00+99:99"), ("gps", 1), ("gps", None),
        ("camera", "yes"), ("orientation", 0), ("orientation", 9), ("width", -1), ("height", 2**33),
        ("height", "3"), ("hashes", None), ("hashes", [-1]), ("hashes", [2**64]), ("hashes", [True]),
        ("hashes", [0.5]), ("hashes", [0] * 257),
    ],
)  # fmt: skip
def test_answer_with_one_wrong_part_is_refused(name: str, value: object) -> None:
    with pytest.raises(FrameError):
        heard(GOOD | {name: value})


@pytest.mark.parametrize("size", [0, EMBEDDING - 1, EMBEDDING + 1])
def test_fingerprint_of_another_length_is_refused(size: int) -> None:
    with pytest.raises(FrameError):
        heard(GOOD, bytes(size))


@pytest.mark.parametrize("name", sorted(set(GOOD) - {"taken_at", "width", "height", "hashes"}))
def test_answer_without_a_part_is_refused(name: str) -> None:
    with pytest.raises(FrameError):
        heard({key: value for key, value in GOOD.items() if key != name})
