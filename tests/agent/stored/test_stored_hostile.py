"""A record system that lies, hangs, drips, floods or is somebody else: never a stored picture, never an error."""

import json
import socket
import threading
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stored_parts import NOW, PATIENT, Clerk, picture, reply, saying, serving, terms

from agent.stored.dicomweb import uid_of
from agent.stored.model import Answer, Asked, Stored
from checks.policy_terms import RecordKind

UID = uid_of(Asked(data=picture(), patient="", taken_day=None).sha256)
HTML = reply(b"<html>Welcome to the guest network", kind="text/html")


def row(**changes: Any) -> dict[str, Any]:
    values = {"00080018": UID, "0020000D": "1.2.3", "0020000E": "1.2.4", "00100020": PATIENT, **changes}
    return {tag: {"vr": "UI", "Value": [value]} for tag, value in values.items() if value is not None}


def rows(*some: Any) -> bytes:
    return reply(json.dumps(list(some)).encode())


def frame(data: bytes, *, kind: str = "multipart/related; boundary=b", before: bytes = b"--b\r\n") -> bytes:
    body = before + b"Content-Type: image/jpeg\r\n\r\n" + data + b"\r\n--b--\r\n"
    return reply(body, kind=kind)


def asked(*answers: bytes, patient: str = PATIENT) -> Answer:
    """What is said after two looks, so that anything that could count would."""
    with saying(*answers) as url:
        clerk = Clerk(terms(url))
        clerk.ask(patient=patient)
    with saying(*answers) as url:
        clerk.terms = terms(url)
        clerk.__post_init__()
        return clerk.ask(patient=patient, now=NOW + 600)


def test_an_honest_answer_would_be_believed_here() -> None:
    with saying(rows(row()), frame(picture()), rows(row()), frame(picture())) as url:
        clerk = Clerk(terms(url))
        assert [clerk.ask(now=NOW + later).stored for later in (0, 600)] == [Stored.STORED_ONCE, Stored.STORED]


DEEP = b"[" * 200_000
ODD_ROWS = {
    "another uid": rows(row(**{"00080018": "2.25.1"})),
    "no uid": rows(row(**{"00080018": None})),
    "two rows": rows(row(), row()),
    "a million rows": reply(b"[" + b"{}," * 999_999 + b"{}]"),
    "two values": rows({**row(), "00080018": {"vr": "UI", "Value": [UID, UID]}}),
    "a number": reply(b"7"),
    "an object": reply(json.dumps(row()).encode()),
    "null": reply(b"null"),
    "a row that is none": rows(None),
    "an attribute that is none": rows({**row(), "00080018": 7}),
    "values that are none": rows({**row(), "00080018": {"Value": UID}}),
    "deep": reply(DEEP),
    "a number without an end": reply(b"[" + b"9" * 400_000 + b"]"),
    "not text": reply(b"\xff\xfe\x00"),
    "cut off": reply(b'[{"00080018"'),
    "nothing": reply(b""),
    "a study that leads away": rows(row(**{"0020000D": "../../../admin"})),
    "a series that asks on": rows(row(**{"0020000E": "1?x=http://evil.example"})),
    "a study without an end": rows(row(**{"0020000D": "1" * 65})),
    "a study with a line end": rows(row(**{"0020000D": "1.2\r\nX: y"})),
}


@pytest.mark.parametrize("name", ODD_ROWS)
def test_an_odd_list_is_never_a_yes(name: str) -> None:
    assert asked(ODD_ROWS[name], frame(picture())).stored is Stored.UNSURE


STATUS = {
    "200 OK": Stored.UNREACHABLE,
    "301 Moved Permanently": Stored.UNREACHABLE,
    "302 Found": Stored.UNREACHABLE,
    "307 Temporary Redirect": Stored.UNREACHABLE,
    "401 Unauthorized": Stored.UNREACHABLE,
    "403 Forbidden": Stored.UNREACHABLE,
    "404 Not Found": Stored.UNREACHABLE,
    "500 Oh": Stored.UNREACHABLE,
    "999 What": Stored.UNREACHABLE,
    "204 No Content": Stored.NOT_FOUND,
}


@pytest.mark.parametrize("status", STATUS)
def test_only_a_list_says_that_something_is_there_or_not(status: str) -> None:
    page = reply(b"" if status.startswith("204") else b"<p>no", kind="text/html", status=status)
    assert asked(page).stored is STATUS[status]


def test_nobody_is_led_elsewhere() -> None:
    with saying(rows()) as elsewhere, saying(reply(b"", status="302 Found", more=f"Location: {elsewhere}/\r\n")) as url:
        clerk = Clerk(terms(url))
        answer = clerk.ask()
    assert (answer.stored, clerk.opened) == (Stored.UNREACHABLE, [url])
    assert "answers in its place" in answer.sentence


TWICE = b"--b\r\nA: b\r\n\r\n" + picture() + b"\r\n--b\r\nA: b\r\n\r\n" + picture() + b"\r\n--b--\r\n"
ODD_FRAMES = {
    "one byte less": frame(picture()[:-1]),
    "one byte more": frame(picture() + b"\0"),
    "one byte other": frame(bytes([picture()[0] ^ 1]) + picture()[1:]),
    "nothing": frame(b""),
    "two parts": reply(TWICE, kind="multipart/related; boundary=b"),
    "no end": reply(b"--b\r\nA: b\r\n\r\n" + picture(), kind="multipart/related; boundary=b"),
    "no boundary": frame(picture(), kind="multipart/related"),
    "another boundary": frame(picture(), kind="multipart/related; boundary=c"),
    "far too much": frame(picture() + b"\0" * 200_000),
    "a page": HTML,
    "not found": reply(b"", status="404 Not Found"),
    "not that way, twice": reply(b"", status="406 Not Acceptable"),
    "a part of it": reply(picture(), kind="image/jpeg", status="206 Partial Content"),
}


@pytest.mark.parametrize("name", ODD_FRAMES)
def test_anything_but_the_very_bytes_is_never_a_yes(name: str) -> None:
    for patient in (PATIENT, ""):
        assert asked(rows(row()), ODD_FRAMES[name], patient=patient).stored in (Stored.UNSURE, Stored.UNREACHABLE)


def test_a_second_way_of_asking_is_tried_and_a_bare_picture_is_taken() -> None:
    bare = reply(picture(), kind="image/jpeg")
    with saying(rows(row()), reply(b"", status="406 Not Acceptable"), bare) as url:
        assert Clerk(terms(url)).ask().stored is Stored.STORED_ONCE


@pytest.mark.parametrize("number", [None, 7, [PATIENT], {"Alphabetic": PATIENT}, "", f"x{PATIENT}", PATIENT.lower()])
def test_a_patient_who_is_not_that_very_one_is_never_a_yes(number: Any) -> None:
    assert asked(rows(row(**{"00100020": number})), frame(picture())).stored in (Stored.UNSURE, Stored.OTHER_PATIENT)


def hangs(peer: socket.socket, _: bytes) -> None:
    peer.recv(1)  # until the other side has had enough


def drips(peer: socket.socket, _: bytes) -> None:
    wait = threading.Event()
    for _ in range(200):
        peer.send(b"H")
        wait.wait(0.01)


def breaks_off(peer: socket.socket, _: bytes) -> None:
    peer.sendall(reply(b"x" * 100)[:-50])


def odd_pieces(peer: socket.socket, _: bytes) -> None:
    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n[]\r\n")


def without_end(peer: socket.socket, _: bytes) -> None:
    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    while True:
        peer.sendall(b" " * 65536)


def no_http(peer: socket.socket, _: bytes) -> None:
    peer.sendall(b"\0\xff\r\n\r\n" * 100)


def long_head(peer: socket.socket, _: bytes) -> None:
    peer.sendall(b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 100_000 + b"\r\n\r\n[]")


def many_heads(peer: socket.socket, _: bytes) -> None:
    peer.sendall(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 10_000 + b"\r\n[]")


def closes(peer: socket.socket, _: bytes) -> None:
    peer.close()


SERVERS = [hangs, drips, breaks_off, odd_pieces, without_end, no_http, long_head, many_heads, closes]


@pytest.mark.parametrize("server", SERVERS, ids=lambda one: one.__name__)
@pytest.mark.parametrize("kind", RecordKind)
def test_whatever_a_server_does_the_question_ends_and_nothing_is_stored(server: Any, kind: RecordKind) -> None:
    with serving(server) as url:
        answer = Clerk(terms(url, kind), whole_s=1.0).ask()
    assert answer.stored in (Stored.UNREACHABLE, Stored.UNSURE)
    assert answer.sentence


def test_a_bomb_is_not_unpacked() -> None:
    import gzip

    bomb = gzip.compress(b"[" + b" " * 50_000_000 + b"]")
    assert asked(reply(bomb, more="Content-Encoding: gzip\r\n")).stored is Stored.UNSURE


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8) | st.just(UID),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*row(), "Value", "vr", "x"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(JSON)
@settings(max_examples=60, deadline=None)
def test_whatever_json_comes_it_is_never_a_yes_and_never_an_error(said: Any) -> None:
    with saying(reply(json.dumps(said).encode()), frame(b"other")) as url:
        answer = Clerk(terms(url)).ask()
    assert answer.stored is (Stored.NOT_FOUND if said == [] else Stored.UNSURE)


def test_the_server_hears_the_uid_and_nothing_of_the_picture() -> None:
    heard: list[bytes] = []

    def listens(peer: socket.socket, head: bytes) -> None:
        heard.append(head)
        peer.sendall([rows(row()), frame(picture())][len(heard) - 1])

    with serving(listens) as url:
        Clerk(terms(url)).ask()
    lines = [one.split(b"\r\n")[0] for one in heard]
    assert lines == [
        f"GET /instances?SOPInstanceUID={UID}&includefield=00100020&limit=2 HTTP/1.1".encode(),
        f"GET /studies/1.2.3/series/1.2.4/instances/{UID}/frames/1 HTTP/1.1".encode(),
    ]
    names = {line.partition(b":")[0].lower() for one in heard for line in one.split(b"\r\n")[1:] if line}
    assert names <= {b"host", b"user-agent", b"accept", b"accept-encoding", b"connection"}
    assert not any(one.partition(b"\r\n\r\n")[2] for one in heard)


def test_what_nobody_thought_of_is_no_yes_and_is_logged_without_its_words(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> str:
        raise RuntimeError(f"while asking about {PATIENT}")

    answer = Clerk(terms("https://pacs.example"), secret=broken).ask()
    assert answer.stored is Stored.UNSURE
    assert "RuntimeError at" in caplog.text
    assert PATIENT not in caplog.text + "".join(capsys.readouterr()) + answer.sentence
