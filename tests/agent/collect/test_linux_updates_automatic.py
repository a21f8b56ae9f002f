"""Linux says whether updates are installed without anybody asking."""

import contextlib
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from fakes import recorded_host
from hypothesis import given
from hypothesis import strategies as st

from agent.collect.host import CollectError, Command, Host, LocalHost, Output
from agent.collect.linux import updates_automatic
from agent.collect.linux.updates_release import parse
from checks.evidence import Why

DEBIAN = parse("ID=debian\n")
FEDORA = parse("ID=fedora\n")
PERIODIC = 'APT::Periodic "";\nAPT::Periodic::Update-Package-Lists "{}";\nAPT::Periodic::Unattended-Upgrade "{}";\n'
ON = PERIODIC.format(1, 1)


def debian(files: Mapping[str, Any] | None = None, answer: Any = ON, **more: Any) -> Host:
    """A Debian that updates by itself."""
    own = {updates_automatic.UNATTENDED: "", **(files or {})}
    return recorded_host(files=own, commands={updates_automatic.PERIODIC.argv: answer}, **more)


def why(call: Callable[[], object]) -> Why:
    with pytest.raises(CollectError) as caught:
        call()
    return caught.value.why


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (PERIODIC.format(1, 1), True), (PERIODIC.format(0, 1), False), (PERIODIC.format(1, 0), False),
        (PERIODIC.format("always", "12h"), True), (PERIODIC.format(1, "00"), False), (PERIODIC.format(1, ""), False),
        (PERIODIC.format(1, 1) + 'APT::Periodic::Enable "0";\n', False),
        (PERIODIC.format(1, 1) + 'APT::Periodic::Enable "1";\n', True), ("", False), ('APT::Periodic "";\n', False),
    ],
)  # fmt: skip
def test_apt_says_whether_it_updates_by_itself(text: str, wanted: bool) -> None:
    assert updates_automatic.parse_periodic(text) is wanted


@pytest.mark.parametrize("text", ["E: not apt", 'APT::Periodic::Unattended-Upgrade "1"', "a" * 1_000_000])
def test_another_answer_of_apt_is_not_understood(text: str) -> None:
    assert why(lambda: updates_automatic.parse_periodic(text)) is Why.UNPARSABLE


def test_a_setting_without_the_program_updates_nothing() -> None:
    assert updates_automatic.automatic(debian(), DEBIAN) is True
    assert updates_automatic.automatic(debian({updates_automatic.UNATTENDED: Why.NOT_FOUND}), DEBIAN) is False


@pytest.mark.parametrize("path", [updates_automatic.UNATTENDED, updates_automatic.MINT])
def test_a_place_that_is_closed_is_no_answer(path: str) -> None:
    assert why(lambda: updates_automatic.automatic(debian({path: Why.NOT_PERMITTED}), DEBIAN)) is Why.NOT_PERMITTED


@pytest.mark.parametrize("timer", updates_automatic.APT_TIMERS)
def test_a_masked_timer_updates_nothing(timer: str) -> None:
    assert updates_automatic.automatic(debian(links={timer: "/dev/null"}), DEBIAN) is False


@pytest.mark.parametrize(
    ("timers", "wanted"),
    [
        (["apt-daily.timer", "apt-daily-upgrade.timer", "fstrim.timer"], True), (["fstrim.timer"], False),
        (["apt-daily.timer", "fstrim.timer"], False), ([], True),
    ],
)  # fmt: skip
def test_a_timer_that_was_switched_off_updates_nothing(timers: list[str], wanted: bool) -> None:
    """Where no timer at all is switched on there is no systemd, and cron calls apt."""
    assert updates_automatic.automatic(debian(folders={updates_automatic.TIMERS: timers}), DEBIAN) is wanted


def test_linux_mint_has_a_switch_of_its_own() -> None:
    host = debian({updates_automatic.MINT: ""}, answer=PERIODIC.format(0, 0))
    assert updates_automatic.automatic(host, DEBIAN) is True


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Why.TOOL_MISSING, Why.TOOL_MISSING), (Why.TIMED_OUT, Why.TIMED_OUT), (Why.TOO_LARGE, Why.TOO_LARGE),
        (Output(exit_code=100, stdout="", stderr="E: broken"), Why.TOOL_FAILED),
    ],
)  # fmt: skip
def test_apt_that_does_not_answer_is_a_gap(answer: Any, reason: Why) -> None:
    assert why(lambda: updates_automatic.automatic(debian(answer=answer), DEBIAN)) is reason


def fedora(timers: list[str] | Why, conf: str | None = None) -> Host:
    files = {"/etc/dnf/automatic.conf": conf} if conf is not None else {}
    return recorded_host(files=files, folders={updates_automatic.TIMERS: timers})


@pytest.mark.parametrize(
    ("host", "wanted"),
    [
        (fedora(["dnf-automatic-install.timer"]), True), (fedora(["transactional-update.timer"]), True),
        (fedora(["dnf-automatic.timer"], "[commands]\napply_updates = yes\n"), True),
        (fedora(["dnf5-automatic.timer"], "apply_updates=True"), True),
        (fedora(["dnf5-automatic.timer"], "apply_updates=no"), False),
        (fedora(["dnf5-automatic.timer"], "apply_updates=yes\napply_updates=no"), False),
        (fedora(["dnf5-automatic.timer"], "download_updates = yes\n"), False),
        (fedora(["dnf5-automatic.timer"], "# nothing"), False), (fedora(["dnf5-automatic.timer"]), False),
        (fedora(["fstrim.timer"], "apply_updates = yes"), False), (fedora(Why.NOT_FOUND), False),
    ],
)  # fmt: skip
def test_dnf_updates_by_itself_when_its_timer_may_apply(host: Host, wanted: bool) -> None:
    assert updates_automatic.automatic(host, FEDORA) is wanted


def test_a_folder_of_timers_that_is_closed_is_no_answer() -> None:
    assert why(lambda: updates_automatic.automatic(fedora(Why.NOT_PERMITTED), FEDORA)) is Why.NOT_PERMITTED


def test_arch_does_not_say() -> None:
    assert why(lambda: updates_automatic.automatic(recorded_host(), parse("ID=arch\n"))) is Why.NOT_SAID


@pytest.mark.parametrize("parser", [updates_automatic.parse_periodic, updates_automatic.parse_dnf])
@given(text=st.text() | st.lists(st.sampled_from([PERIODIC, "apply_updates", "=yes"]) | st.text()).map("\n".join))
def test_any_text_is_an_answer_or_a_collect_error(parser: Callable[[str], object], text: str) -> None:
    with contextlib.suppress(CollectError):
        parser(text)


def test_the_real_apt_prints_what_we_parse() -> None:
    options = ("-o", "APT::Periodic::Update-Package-Lists=1", "-o", "APT::Periodic::Unattended-Upgrade=1")
    on = LocalHost().run(Command(argv=("apt-config", *options, *updates_automatic.PERIODIC.argv[1:])))
    assert updates_automatic.parse_periodic(on.stdout) is True
    assert isinstance(updates_automatic.parse_periodic(LocalHost().run(updates_automatic.PERIODIC).stdout), bool)
