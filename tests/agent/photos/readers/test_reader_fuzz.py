"""Whatever the bytes, three things come out: what was asked for, a reason, or the wish for the rest of the file."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_files import EVERY_FORM, HeldBytes, sample

from agent.photos.image import HEAD_BYTES, Header, NeedsWhole, Unreadable
from agent.photos.readers import header, thumbnail, views
from agent.photos.readers.sniff import STARTS, TIFFS

STARTS_OF_FORMS = (
    [start for start, _ in STARTS] + list(TIFFS) + [b"\0\0\0\x18ftypheic", b"\0\0\0\x18ftypisom", b"%PDF-"]
)
WORDS = (b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"\0\0\0\1", b"\xff\xff\xff\x7f", b"\xff\xd8\xff\xe1")


def asked(source: HeldBytes) -> None:
    """Any exception but the two promised ones fails the test."""
    try:
        told = header(source)
    except (Unreadable, NeedsWhole):
        return
    assert isinstance(told, Header)
    try:
        small = thumbnail(source, told)
        assert small is None or small.mode == "RGB"
        for image in views(source, told, at_least=64):
            assert image.mode == "RGB"
    except (Unreadable, NeedsWhole):
        return


def spoilt(data: bytes, chance: random.Random) -> bytes:
    """Cut, or with a few of its bytes changed, mostly near its start, where forms keep what they say of themselves."""
    if chance.random() < 0.15:
        return data[: chance.randrange(len(data))]
    changed = bytearray(data)
    for _ in range(chance.choice((1, 2, 5, 20))):
        at = chance.randrange(min(len(data), chance.choice((64, 400, 2000, len(data)))))
        word = chance.choice(WORDS) if chance.random() < 0.3 else bytes([chance.randrange(256)])
        changed[at : at + len(word)] = word
    return bytes(changed)


@settings(deadline=None, max_examples=150)
@given(
    st.sampled_from(STARTS_OF_FORMS),
    st.binary(max_size=600),
    st.sampled_from(["a.jpg", "a.dcm", "a.nef", "a", "a.mp3"]),
)
def test_any_bytes_after_any_start(start: bytes, rest: bytes, name: str) -> None:
    asked(HeldBytes(start + rest, name))


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=2000), st.text(max_size=20))
def test_any_bytes_of_any_name(data: bytes, name: str) -> None:
    asked(HeldBytes(data, name))


@pytest.mark.parametrize("name", EVERY_FORM)
@settings(deadline=None, max_examples=25)
@given(chance=st.randoms(use_true_random=False), only_head=st.booleans())
def test_good_file_with_a_few_bytes_changed(name: str, chance: random.Random, only_head: bool) -> None:
    asked(HeldBytes(spoilt(sample(name), chance), name, only_head=only_head))


@pytest.mark.parametrize("name", EVERY_FORM)
def test_header_of_a_file_longer_than_its_head_comes_without_the_rest(name: str) -> None:
    source = HeldBytes(sample(name) + bytes(HEAD_BYTES), name, only_head=True)
    assert header(source).format
