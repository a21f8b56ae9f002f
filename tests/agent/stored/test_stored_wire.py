"""Where a server may lead us: further inside itself, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.stored.model import Because, LookError
from agent.stored.opened import open_door
from agent.stored.wire import Deadline, Wire

ROOT = "https://ehr.example/fhir"


def wire(*, left_s: float = 1.0) -> Wire:
    deadline = Deadline(ends_s=left_s, clock_s=lambda: 0.0)
    return Wire(url=ROOT, open_door=open_door, deadline=deadline, headers={})


INSIDE = {
    "Binary/1": "/Binary/1",
    "./Binary/1": "/Binary/1",
    "/fhir/Binary/1": "/Binary/1",
    "//ehr.example/fhir/Binary/1": "/Binary/1",
    f"{ROOT}/Binary/1?x=y|z": "/Binary/1?x=y|z",
    f"{ROOT}?_getpages=a%20b": "?_getpages=a%20b",
}
OUTSIDE = [
    "", "/", "/Binary/1", "../admin", f"{ROOT}/../admin", f"{ROOT}/a/..%2fb", f"{ROOT}x/Binary/1",
    f"{ROOT}@evil.example/", "https://ehr.example.evil.example/fhir/Binary/1", "https://me@ehr.example/fhir/Binary/1",
    "//evil.example/fhir/x", "http://ehr.example/fhir/Binary/1", "https://ehr.example:444/fhir/Binary/1", "https://ehr.example",
    "file:///fhir/x", "https://[::1/x", "javascript:alert(1)", "Binary/1\r\nX: y", "Binary/1\n", "Binary/1 2",
    "Binary\\1", "Binary/1#a", "Binary/é", "Binary/\u202e1", "Binary/\0", "a" * 2001,
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_the_server_is_followed(address: str) -> None:
    assert wire().within(address) == INSIDE[address]


@pytest.mark.parametrize("address", OUTSIDE)
def test_an_address_anywhere_else_is_not(address: str) -> None:
    assert wire().within(address) is None


@given(st.text(max_size=60) | st.text(alphabet="/.:@?#%[]\\ehrxampl", max_size=40))
def test_whatever_address_is_given_what_is_asked_stays_inside(address: str) -> None:
    place = wire().within(address)
    assert place is None or (place[0] in "/?" and ".." not in place and place.isascii() and place.isprintable())


def test_nothing_is_asked_when_the_time_is_over() -> None:
    with pytest.raises(LookError) as caught:
        wire(left_s=0.0).get("/x", accept="*/*", most_bytes=1)
    assert caught.value.because is Because.LATE
