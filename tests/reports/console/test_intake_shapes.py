"""What fits a report's shape, and what does not: hostile texts are refused or stay mere data."""

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from consoles import practice_id
from hypothesis import given, settings
from hypothesis import strategies as st
from sender import Sender, at_the_door, enrolled, rows

from checks.catalog import CATALOG
from reports.console.console import Console
from reports.console.intake import shapes
from reports.console.model import Refusal
from reports.console.store import tables

PLACES = [
    ("agent_version",), ("device", "model"), ("device", "os_version"), ("policy", "id"), ("policy", "version"),
    ("findings", 0, "title"), ("findings", 0, "because"), ("findings", 0, "profile"), ("findings", 0, "source"),
]  # fmt: skip
CLOSED = [
    ("id",), ("overall",), ("generated_at",), ("device", "id"), ("device", "kind"), ("device", "platform"),
    ("device", "ownership"), ("proof", "state"), ("proof", "planted"), ("findings", 0, "uid"),
    ("findings", 0, "check_id"), ("findings", 0, "severity"), ("findings", 0, "level"), ("findings", 0, "status"),
    ("findings", 0, "observed_at"), ("findings", 0, "waiver"), ("findings", 0, "attestation"),
    ("findings", 0, "measures"), ("findings", 0, "measures", "count"), ("findings", 0, "measures", "reasons"),
]  # fmt: skip
HARMLESS = ["'; DROP TABLE", "<script>x", "=1+1", "@SUM(1)", "{{7*7}}", "%s%n"]
HIDDEN = ["a\x00b", "a\nb", "a\rb", "\x1b[31m", "a\u202eb", "a\u200bb", "\x7f", "\u2028"]


@pytest.fixture
def sender(both: Console) -> Iterator[Sender]:
    """A laptop that has enrolled."""
    with at_the_door(both) as client:
        yield enrolled(client, both, practice_id(both))


def with_value(said: dict, place: tuple, value: Any) -> bytes:
    changed = copy.deepcopy(said)
    inner: Any = changed
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    return json.dumps(changed).encode()


@pytest.mark.parametrize("text", HARMLESS)
def test_hostile_text_is_stored_as_it_is(both: Console, sender: Sender, text: str) -> None:
    said = json.loads(sender.full("pfp"))
    for place in PLACES:
        said = json.loads(with_value(said, place, text))
    assert sender.send(json.dumps(said).encode()).status_code == 202
    (device,) = rows(both, tables.devices)
    (found,) = rows(both, tables.findings, check_id="screen_lock")
    assert (device.model, device.policy_version, found.title, found.because, found.source) == (text,) * 5
    assert len(rows(both, tables.agents)) == 1


def test_hidden_characters_are_refused_everywhere(console: Console) -> None:
    said = json.loads(Sender(client=None, clock=console.clock).full("pfp"))
    for place in [*PLACES, *CLOSED]:
        for text in HIDDEN:
            with pytest.raises(Refusal) as met:
                shapes.read_letter(with_value(said, place, text))
            assert (met.value.status, met.value.code) == (422, "shape")
            assert text not in met.value.sentence


def test_texts_outside_a_closed_set_are_refused(console: Console) -> None:
    said = json.loads(Sender(client=None, clock=console.clock).full("pfp"))
    for place in CLOSED:
        for text in [
            *HARMLESS,
            "x" * 5000,
            "/home/alice/IMG_0001.jpg",
            "alice@practice.example",
            None,
            -1,
            [[]],
            {"a": {}},
        ]:
            if place[-1] in ("waiver", "attestation") and text is None:
                continue
            with pytest.raises(Refusal):
                shapes.read_letter(with_value(said, place, text))


@pytest.mark.parametrize("place", PLACES)
def test_texts_and_lists_without_end_are_refused(console: Console, place: tuple) -> None:
    said = json.loads(Sender(client=None, clock=console.clock).full("pfp"))
    with pytest.raises(Refusal):
        shapes.read_letter(with_value(said, place, "x" * 2001))


def test_too_many_findings_measures_and_times_are_refused(console: Console) -> None:
    sender = Sender(client=None, clock=console.clock)
    said = json.loads(sender.full("pfp"))
    hostile = [
        (("findings",), said["findings"] * 200),
        (("findings", 0, "measures"), {f"m{number}": 1 for number in range(41)}),
        (("findings", 0, "measures", "reasons"), ["x"] * 65),
        (("findings", 0, "measures", "limit_s"), 10**12),
        (("findings",), said["findings"][:1] * 2),
        (("unknown",), 1),
        (("device", "host_name"), "alices-laptop"),
    ]
    for place, value in hostile:
        with pytest.raises(Refusal):
            shapes.read_letter(with_value(said, place, value))


def test_a_folded_letter_must_be_about_the_report_inside(console: Console) -> None:
    sender = Sender(client=None, clock=console.clock)
    body = sender.fold(sender.full("pfp"), [("screen_lock", "f", console.now())])
    assert isinstance(shapes.read_letter(body), shapes.FoldedShape)
    for key in ("id", "device_id"):
        with pytest.raises(Refusal):
            shapes.read_letter(with_value(json.loads(body), (key,), "11111111-2222-4333-8444-555555555555"))


BOMBS = [
    b"", b"{", b"[]", b"null", b"1", b'"x"', b"\xff\xfe", b"{}", b"[" * 200_000, b'{"a":' * 100_000, b"\x00",
    b'{"schema":"scrubin/report/1"}', b'{"schema":"scrubin/report/9"}', b'{"schema":"\\ud800"}', b"NaN", b"1e999999",
]  # fmt: skip


@pytest.mark.parametrize("body", BOMBS)
def test_what_is_no_letter_is_refused(body: bytes) -> None:
    for read in (shapes.read_letter, shapes.read_trial, shapes.read_leave, shapes.read_enrol, shapes.read_preview):
        with pytest.raises(Refusal) as met:
            read(body)
        assert met.value.code == "shape"


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_letter_or_refused(body: bytes) -> None:
    with pytest.raises(Refusal):
        shapes.read_letter(body)


@settings(deadline=None, max_examples=50)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda of: st.lists(of) | st.dictionaries(st.text(), of)
    )
)
def test_any_value_in_any_place_is_refused_or_bounded(value: Any) -> None:
    said = json.loads(Sender(client=None, clock=lambda: 1_795_302_000).full("pfp"))
    for place in (("device", "model"), ("findings", 0, "measures"), ("findings", 0, "because")):
        try:
            read = shapes.read_letter(with_value(said, place, value))
        except Refusal:
            continue
        assert isinstance(read, shapes.ReportShape)
        assert not re.search(r"[\x00-\x1f\x7f]", read.device.model + read.findings[0].because)


def test_whatever_a_check_of_the_catalogue_may_share_fits() -> None:
    words = [one.value for check in CATALOG for one in check.reasons]
    for check in CATALOG:
        for kind in check.measures.values():
            words += [] if kind in (int, bool) else [one.value for one in kind]
    assert words
    said = json.loads(Sender(client=None, clock=lambda: 1_795_302_000).full("pfp"))
    for word in words:
        shapes.read_letter(with_value(said, ("findings", 0, "measures"), {"reasons": [word], "one": word}))
