"""KDE's screen locker: files over files, marks, and odd text."""

import pytest
from fakes import recorded_host
from hypothesis import given
from hypothesis import strategies as st

from agent.collect.host import CollectError
from agent.collect.linux.screen_lock_kde import lock, parse
from checks.evidence import Why
from checks.screen_lock.fact import NEVER_ASKS

USER = "/home/clin/.config/kscreenlockerrc"
OFF = "[Daemon]\nAutolock=false\n"


def test_without_a_file_plasma_has_its_defaults() -> None:
    seen = lock(recorded_host())
    assert (seen.locks, seen.idle_s, seen.grace_s, seen.on_resume) == (True, 300, 5, True)


@pytest.mark.parametrize(
    ("text", "idle_s"),
    [
        ("[Daemon]\nTimeout=3\n", 180), ("[Daemon]\r\n Timeout = 3 \r\n", 180), ("[Daemon]\nTimeout=0\n", 0),
        ("[Daemon]\nTimeout=-1\n", 0), ("[Daemon]\nTimeout=0.5\n", 30), ("[Daemon]\nTimeout=0.001\n", 1),
        ("[Daemon]\n#Timeout=9\n", 300), ("[Other]\nTimeout=9\n", 300), ("[Daemon][Sub]\nTimeout=9\n", 300),
        ("[Daemon]\ntimeout=9\n", 300), ("[Daemon]\nTimeout=9\nTimeout=2\n", 120), ("Timeout=9\n", 300),
        ("[Daemon]\nTimeout\n", 300), ("[A][B][C]\nx=1\n[Daemon]\nTimeout=2\n", 120), ("[Daemon]\nTimeout[$d]\n", 300),
    ],
)  # fmt: skip
def test_minutes_of_the_group_count(text: str, idle_s: int) -> None:
    assert parse([text]).idle_s == idle_s


@pytest.mark.parametrize("value", ["false", "0", "no", "off", "FALSE"])
def test_every_no_of_kde_is_a_no(value: str) -> None:
    assert parse([f"[Daemon]\nAutolock={value}\nLockOnResume={value}\n"]).locks is False
    assert parse([f"[Daemon]\nAutolock={value}\nLockOnResume={value}\n"]).on_resume is False


@pytest.mark.parametrize(
    ("system", "locks"),
    [
        ("[Daemon]\nAutolock=true\n", False), ("[Daemon][$i]\nAutolock=true\n", True), ("[Daemon][$i]\n", True),
        ("[Daemon]\nAutolock[$i]=true\n", True), ("[$i]\n[Daemon]\nAutolock=true\n", True),
        ("[Daemon]\nAutolock=true\n[$i]\n", True), ("[Other][$i]\n[Daemon]\nAutolock=true\n", False),
        ("[Daemon]\nTimeout[$i]=5\n", False),
    ],
)  # fmt: skip
def test_the_person_wins_except_over_what_is_immutable(system: str, locks: bool) -> None:
    assert parse([system, OFF]).locks is locks


def test_a_deleted_key_falls_back_to_plasmas_own_default() -> None:
    assert parse([OFF, "[Daemon]\nAutolock[$d]\n"]).locks is True


def test_folders_are_read_from_the_least_important_one() -> None:
    files = {"/b/kscreenlockerrc": "[Daemon]\nTimeout=9\n", "/a/kscreenlockerrc": "[Daemon]\nTimeout=2\n"}
    assert lock(recorded_host(files=files, environ={"XDG_CONFIG_DIRS": "/a:/b"})).idle_s == 120


@pytest.mark.parametrize(
    ("line", "grace_s"),
    [
        ("LockGrace=0", 0), ("LockGrace=300", 300), ("LockGrace=-1", NEVER_ASKS), ("LockGrace=-5", NEVER_ASKS),
        ("Lock=false", NEVER_ASKS), ("RequirePassword=false", NEVER_ASKS),
    ],
)  # fmt: skip
def test_grace_is_seconds_or_for_ever(line: str, grace_s: int) -> None:
    assert parse([f"[Daemon]\n{line}\n"]).grace_s == grace_s


def test_a_lock_without_a_password_is_none_after_sleep_either() -> None:
    assert parse(["[Daemon]\nRequirePassword=false\n"]).on_resume is False
    assert parse(["[Daemon]\nLock=false\n"]).on_resume is True


@pytest.mark.parametrize(
    "line",
    [
        "Timeout=soon", "Timeout=", "Timeout=1e3", "Timeout=1234567", "LockGrace=x", "LockGrace=0.5", "Autolock=maybe",
        "Autolock=", "Timeout[$e]=$(date)", "Timeout[$ie]=5", "Timeout[de]=9", "Timeout[$i=5",
    ],
)  # fmt: skip
def test_a_value_that_we_do_not_know_is_not_guessed(line: str) -> None:
    with pytest.raises(CollectError) as caught:
        parse([f"[Daemon]\n{line}\n"])
    assert caught.value.why is Why.UNPARSABLE


def test_a_byte_order_mark_hides_the_first_group_from_plasma() -> None:
    with pytest.raises(CollectError):
        parse(["\ufeff[Daemon]\nAutolock=true\n"])


@pytest.mark.parametrize("why", [Why.NOT_PERMITTED, Why.UNREADABLE, Why.TOO_LARGE, Why.UNPARSABLE])
def test_a_file_that_cannot_be_read_is_not_a_default(why: Why) -> None:
    for path in (USER, "/etc/xdg/kscreenlockerrc"):
        with pytest.raises(CollectError) as caught:
            lock(recorded_host(files={path: why}))
        assert caught.value.why is why


@given(st.lists(st.text(alphabet="[]$id=\n \tDaemonTimeout059.#\ufeff"), max_size=3))
def test_any_text_is_a_lock_or_an_error(texts: list[str]) -> None:
    try:
        seen = parse(texts)
        why = None if seen.idle_s is not None and seen.idle_s >= 0 else "no delay"
    except CollectError as error:
        why = error.why
    assert why in {None, Why.UNPARSABLE}


def test_an_endless_line_takes_no_endless_time() -> None:
    blanks = " " * 1_000_000
    assert parse([f"[Daemon]\nTimeout{blanks}={blanks}3\nx{blanks}y\n"]).idle_s == 180
