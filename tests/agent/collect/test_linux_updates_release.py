"""Linux names its release; whether it is still supported goes by a dated list."""

import contextlib
from collections.abc import Callable
from datetime import date

import pytest
from fakes import NOON, recorded_host
from hypothesis import given
from hypothesis import strategies as st

from agent.collect.host import CollectError
from agent.collect.linux.updates_release import Packages, dates, packages, parse, support
from agent.collect.linux.updates_release import release as read_release
from checks.evidence import Why

DEBIAN = 'ID=debian\nVERSION_ID="12"\n'
ODD = st.text() | st.lists(
    st.sampled_from(['ID="a"', "ID=", "VERSION_ID='", "SUPPORT_END=2026-02-30", "ID_LIKE=a b"]) | st.text()
).map("\n".join)


def why(call: Callable[[], object]) -> Why:
    with pytest.raises(CollectError) as caught:
        call()
    return caught.value.why


@pytest.mark.parametrize(
    "text",
    [
        'ID=debian\nVERSION_ID="12"', "ID='debian'\nVERSION_ID='12'", 'ID="debian"\nVERSION_ID=12\n',
        '# a comment\n\nID=debian\n  VERSION_ID="12"  \n', 'ID=fedora\nID=debian\nVERSION_ID="12"',
        'ID="deb\\ian"\nVERSION_ID=12',
    ],
)  # fmt: skip
def test_os_release_is_read_as_a_shell_would(text: str) -> None:
    seen = parse(text)
    assert (seen.id, seen.version) == ("debian", "12")


@pytest.mark.parametrize(
    "text",
    [
        "", "\n# nothing\n", "VERSION_ID=12\n", "ID=\n", 'ID=""\n', "debian\n", "ID=debian\ngarbage\n",
        "ID=$(reboot)\n", "ID=`reboot`\n", "ID=de bian\n", 'ID="debian\n', "ID=debian\nVERSION_ID=1/2\n",
        "ID=" + "a" * 41, "ID=debian\nSUPPORT_END=soon\n", "ID=debian\nID_LIKE=a;b\n", "ID=\x1b[31m\n",
    ],
)  # fmt: skip
def test_odd_os_release_is_not_understood(text: str) -> None:
    assert why(lambda: parse(text)) is Why.UNPARSABLE


def test_an_enormous_line_is_not_understood() -> None:
    assert why(lambda: parse("ID=" + "a" * 1_000_000)) is Why.UNPARSABLE


def test_os_release_has_a_second_place() -> None:
    assert read_release(recorded_host(files={"/usr/lib/os-release": DEBIAN})).id == "debian"


def test_a_denied_os_release_is_not_looked_for_elsewhere() -> None:
    host = recorded_host(files={"/etc/os-release": Why.NOT_PERMITTED, "/usr/lib/os-release": DEBIAN})
    assert why(lambda: read_release(host)) is Why.NOT_PERMITTED


@pytest.mark.parametrize(
    ("text", "today", "wanted"),
    [
        (DEBIAN, date(2028, 6, 30), (True, date(2028, 6, 30))),
        (DEBIAN, date(2028, 7, 1), (False, date(2028, 6, 30))),
        ("ID=debian\nVERSION_ID=12.11\n", date(2026, 11, 21), (True, date(2028, 6, 30))),
        ("ID=ubuntu\nVERSION_ID=25.10\n", date(2026, 11, 21), (False, date(2026, 7, 9))),
        ("ID=linuxmint\nVERSION_ID=22.1\n", date(2026, 11, 21), (True, date(2029, 4, 30))),
        ("ID=opensuse-leap\nVERSION_ID=15.6\n", date(2026, 11, 21), (False, date(2026, 4, 30))),
        ("ID=almalinux\nVERSION_ID=9.6\n", date(2026, 11, 21), (True, date(2032, 5, 31))),
        ("ID=arch\n", date(2026, 11, 21), (True, None)),
        ("ID=opensuse-tumbleweed\nVERSION_ID=20261119\n", date(2026, 11, 21), (True, None)),
        ("ID=fedora\nVERSION_ID=45\nSUPPORT_END=2026-11-20\n", date(2026, 11, 21), (False, date(2026, 11, 20))),
    ],
)
def test_support_goes_by_the_list(text: str, today: date, wanted: tuple[bool, date | None]) -> None:
    assert support(parse(text), today) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "ID=pop\nID_LIKE='ubuntu debian'\nVERSION_ID=24.04\n", "ID=debian\n", "ID=debian\nVERSION_ID=99\n",
        "ID=ubuntu\nVERSION_ID=24\n", "ID=linuxmint\nVERSION_ID=7\n", "ID=DEBIAN\nVERSION_ID=12\n",
        "ID=fedora\nVERSION_ID=45\nSUPPORT_END=2027-11-20\n", "ID=example\nSUPPORT_END=2026-11-21\n",
    ],
)  # fmt: skip
def test_a_release_that_is_not_on_the_list_is_unknown(text: str) -> None:
    assert why(lambda: support(parse(text), date(2026, 11, 21))) is Why.NOT_SAID


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (DEBIAN, Packages.APT), ("ID=pop\nID_LIKE='ubuntu debian'\n", Packages.APT), ("ID=arch\n", Packages.PACMAN),
        ("ID=nobara\nID_LIKE='unknown fedora'\n", Packages.RPM),
    ],
)  # fmt: skip
def test_a_derivative_installs_as_its_parent(text: str, wanted: Packages) -> None:
    assert packages(parse(text)) is wanted


def test_an_unknown_system_has_no_probe() -> None:
    assert why(lambda: packages(parse("ID=nixos\n"))) is Why.NO_PROBE


def test_every_system_on_the_list_rolls_or_has_ends() -> None:
    assert dates().known_at <= NOON.date()
    for name, one in dates().systems.items():
        assert one.rolling != bool(one.ends), name
        assert all(version.count(".") + 1 == one.parts for version in one.ends), name
        assert all(type(day) is date for day in one.ends.values()), name


@given(text=ODD)
def test_any_text_is_an_answer_or_a_collect_error(text: str) -> None:
    with contextlib.suppress(CollectError):
        parse(text)
