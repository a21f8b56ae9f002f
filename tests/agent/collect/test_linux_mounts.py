"""The tables of mounts: escapes, what lies over what, and bind mounts."""

from collections.abc import Callable
from pathlib import Path

import pytest
from fakes import recorded_host
from hypothesis import given
from hypothesis import strategies as st

from agent.collect.host import CollectError, LocalHost
from agent.collect.linux.mounts import (
    DETAILS,
    TABLE,
    Mount,
    Spot,
    below,
    mounts,
    over,
    parse,
    parse_details,
    spots,
    unescape,
)
from checks.evidence import Why

RECORDED = Path(__file__).parents[2] / "recordings" / "linux" / "mounts" / "proc-self-mounts-sample" / "mounts.txt"
BOUND = (
    "25 1 8:2 / / rw shared:1 - ext4 /dev/sda2 rw\n"
    "26 25 8:3 / /home rw - ext4 /dev/sda3 rw\n"
    "27 26 8:3 /clin/Pictures /home/clin/Nextcloud/Pics rw - ext4 /dev/sda3 rw\n"
)


def mount(target: str, kind: str = "ext4") -> Mount:
    return Mount(source="x", target=target, kind=kind)


def test_recorded_table_is_read() -> None:
    assert [one.target for one in parse(RECORDED.read_text())] == ["/proc", "/sys", "/dev", "/dev/shm", "/dev/pts"]


def test_blanks_and_backslashes_are_escaped_by_the_kernel() -> None:
    (one,) = parse("//nas/my\\040share /mnt/a\\040b\\134c\\011d cifs rw 0 0\n")
    assert (one.source, one.target, one.kind) == ("//nas/my share", "/mnt/a b\\c\td", "cifs")


@pytest.mark.parametrize("text", [r"\9", r"\40", r"\777", "\\"])
def test_what_is_no_escape_stays(text: str) -> None:
    assert unescape(text) == text


@pytest.mark.parametrize("text", ["", "\n", "one two three", "a relative ext4 rw 0 0", "a /b ext4 rw 0 0 more"])
def test_another_shape_is_not_understood(text: str) -> None:
    with pytest.raises(CollectError) as caught:
        parse(text)
    assert caught.value.why is Why.UNPARSABLE


@pytest.mark.parametrize("text", ["1 2 3", "25 1 8-2 / / rw"])
def test_details_of_another_shape_are_not_understood(text: str) -> None:
    with pytest.raises(CollectError):
        parse_details(text)


def test_deepest_mount_counts_and_of_two_at_one_place_the_later() -> None:
    table = (mount("/"), mount("/home", "nfs4"), mount("/home", "ext4"), mount("/home/clin/P", "cifs"))
    assert over(table, "/home/clin").kind == "ext4"  # type: ignore[union-attr]
    assert over(table, "/home/clin/P/x").kind == "cifs"  # type: ignore[union-attr]
    assert over(table, "/homes") == table[0]
    assert over((), "/x") is None


def test_mounts_inside_a_folder_leave_the_folder_out() -> None:
    table = (mount("/home"), mount("/home/a"), mount("/homes"))
    assert below(table, "/home") == (table[1],)


def test_a_bind_mount_is_the_same_spot_as_its_source() -> None:
    parts = parse_details(BOUND)
    assert spots(parts, "/home/clin/Pictures") == {Spot("8:3", "/clin/Pictures")}
    assert Spot("8:3", "/clin/Pictures") in spots(parts, "/home/clin/Nextcloud")
    assert spots(parts, "/home/clin/Nextcloud/Pics/x") == {Spot("8:3", "/clin/Pictures/x")}


def test_without_details_nothing_is_claimed() -> None:
    assert spots((), "/home/clin") == frozenset()


def test_the_root_of_a_disk_is_a_spot() -> None:
    assert Spot("8:2", "/") in spots(parse_details(BOUND), "/")


def test_a_missing_table_is_an_error_and_missing_details_are_not() -> None:
    with pytest.raises(CollectError):
        mounts(recorded_host(files={DETAILS: BOUND}))
    assert mounts(recorded_host(files={TABLE: "a / ext4 rw 0 0\n"})).parts == ()


def test_this_machines_tables_are_understood() -> None:
    seen = mounts(LocalHost())
    assert any(one.kind == "proc" for one in seen.table)
    assert seen.parts


def outcome(read: Callable[[str], object], text: str) -> Why | None:
    try:
        read(text)
    except CollectError as error:
        return error.why
    return None


@given(st.text(max_size=200))
def test_any_text_is_mounts_or_not_understood(text: str) -> None:
    assert {outcome(parse, text), outcome(parse_details, text)} <= {None, Why.UNPARSABLE}
