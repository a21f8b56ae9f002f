"""Which messaging apps are there, read from lists that are cut, refused or garbled."""

from pathlib import Path

import pytest
from app_dump_parts import GONE, NONSENSE, OFF, cases, cut, dump, entry, gappy, listing, status
from fakes import recorded_phone
from hypothesis import given
from hypothesis import strategies as st

from agent.collect.android.commands import APPS, DISABLED, PACKAGES
from agent.collect.android.messaging_apps import CANARY, probe
from agent.collect.host import CollectError, LocalHost, Output
from agent.collect.layered import planted
from agent.collect.recorded import load
from agent.runner import CANARIES
from checks.evidence import Gap, Why
from checks.messaging_apps.check import CHECK, Limits, judge
from checks.messaging_apps.fact import Chat, Found, MessagingApps
from checks.model import Status


def looked(names: list[str], off: str | Why = "", dumped: str | Why = Why.NOT_RECORDED) -> MessagingApps:
    return probe(recorded_phone({PACKAGES: listing(*names), DISABLED: off, APPS: dumped}))


def states(seen: MessagingApps) -> dict[Chat, bool | None]:
    return {one.app: one.runs for one in seen.found}


def test_apps_are_found_in_the_order_of_the_check_each_once() -> None:
    seen = looked(["org.telegram.messenger.web", "com.whatsapp", "org.telegram.messenger", "com.discord"])
    assert list(states(seen)) == [Chat.DISCORD, Chat.TELEGRAM, Chat.WHATSAPP]


@pytest.mark.parametrize("name", ["com.whatsapp.example", "com.whatsap", "xcom.whatsapp", "Com.Whatsapp"])
def test_a_name_that_is_only_alike_is_no_messaging_app(name: str) -> None:
    assert looked([name], dumped=dump()).found == ()


OFF_LIST = "package:com.viber.voip\n"
OFF_DUMP = dump(entry("com.viber.voip", states={0: OFF}))
ON_DUMP = dump(entry("com.viber.voip"))
GONE_DUMP = dump(entry("com.viber.voip", states={0: GONE}))


@pytest.mark.parametrize(
    ("off", "dumped", "runs"),
    [
        ("", Why.NOT_RECORDED, True),
        (OFF_LIST, Why.NOT_RECORDED, False),
        (OFF_LIST, OFF_DUMP, False),
        (OFF_LIST, ON_DUMP, True),
        ("", OFF_DUMP, True),
        ("gar bled", Why.NOT_RECORDED, None),
        ("gar bled", dump(), None),
        ("gar bled", OFF_DUMP, False),
        ("gar bled", ON_DUMP, True),
        ("gar bled", GONE_DUMP, None),
        (Why.TIMED_OUT, Why.TIMED_OUT, None),
    ],
)
def test_an_app_is_off_only_where_it_is_seen_to_be(off: str | Why, dumped: str | Why, runs: bool | None) -> None:
    assert states(looked(["com.viber.voip"], off, dumped)) == {Chat.VIBER: runs}


def test_one_edition_that_is_on_is_enough() -> None:
    both = ["org.telegram.messenger", "org.thunderdog.challegram"]
    assert states(looked(both, "package:org.telegram.messenger\n")) == {Chat.TELEGRAM: True}
    assert states(looked(both, "".join(f"package:{one}\n" for one in both))) == {Chat.TELEGRAM: False}
    assert states(looked(both, "?", dump(entry(both[0], states={0: OFF})))) == {Chat.TELEGRAM: None}


def test_an_app_that_only_the_dump_tells_of_counts() -> None:
    assert states(looked([], "", dump(entry("com.whatsapp")))) == {Chat.WHATSAPP: True}
    assert looked([], "", dump(entry("com.whatsapp", states={10: GONE, 0: GONE}))).found == ()


def test_the_reason_of_what_was_not_seen_is_kept_with_each_app_that_it_hides() -> None:
    seen = looked(["com.viber.voip", "com.whatsapp"], Why.TIMED_OUT, dump(entry("com.whatsapp")))
    assert seen.gaps == tuple(Gap(part=part, why=Why.TIMED_OUT, detail="pm") for part in ("off", Chat.VIBER))
    both = looked(["com.viber.voip"], Why.TIMED_OUT, Why.TOO_LARGE)
    assert [(gap.part, gap.why) for gap in both.gaps] == [
        ("permissions", Why.TOO_LARGE), ("off", Why.TIMED_OUT), (Chat.VIBER, Why.TIMED_OUT)
    ]  # fmt: skip


def test_no_app_needs_no_second_list() -> None:
    seen = looked([], Why.TIMED_OUT, dump())
    assert judge(seen, Limits()).status is Status.PASS


def test_no_app_on_a_list_that_nothing_confirms_is_no_answer() -> None:
    with pytest.raises(CollectError):
        probe(recorded_phone({PACKAGES: listing()}))


def test_empty_list_of_what_is_switched_off_confirms_nothing() -> None:
    with pytest.raises(CollectError):
        probe(recorded_phone({PACKAGES: listing(), DISABLED: ""}))


def test_list_that_lacks_an_app_that_is_switched_off_was_cut() -> None:
    with pytest.raises(CollectError):
        probe(recorded_phone({PACKAGES: listing(), DISABLED: "package:com.example.off\n"}))


@pytest.mark.parametrize("text", NONSENSE)
def test_a_list_that_is_none_shows_nothing(text: str) -> None:
    with pytest.raises(CollectError):
        probe(recorded_phone({PACKAGES: text, DISABLED: "", APPS: dump()}))


def test_a_refusal_with_exit_status_0_is_an_error() -> None:
    refused = Output(exit_code=0, stdout=listing("com.whatsapp"), stderr=NONSENSE[0])
    assert status(CHECK, probe, recorded_phone({PACKAGES: refused})) is Status.ERROR


def test_line_ends_of_a_terminal_change_nothing() -> None:
    host = recorded_phone({PACKAGES: listing("com.whatsapp").replace("\n", "\r\n"), DISABLED: "\r\n"})
    assert states(probe(host)) == {Chat.WHATSAPP: True}


@given(st.text(), st.text(), st.text())
def test_any_text_gives_a_fact_or_a_reason_and_never_a_pass(listed: str, off: str, dumped: str) -> None:
    host = recorded_phone({PACKAGES: listed, DISABLED: off, APPS: dumped})
    assert status(CHECK, probe, host) in (Status.UNKNOWN, Status.ERROR)


@given(st.text(), st.text())
def test_an_installed_app_is_no_pass_whatever_the_other_lists_say(off: str, dumped: str) -> None:
    host = recorded_phone({PACKAGES: listing("com.whatsapp"), DISABLED: off, APPS: dumped})
    assert status(CHECK, probe, host) is not Status.PASS


CROSS_CHECKED = [one for one in cases("messaging") if (one / "apps.txt").exists()]
"""The others have one list of apps only, of which nobody can tell that a line is missing."""


@pytest.mark.parametrize("folder", CROSS_CHECKED, ids=lambda one: one.name)
def test_damage_never_makes_a_pass(folder: Path) -> None:
    if status(CHECK, probe, load(str(folder), LocalHost())) is Status.PASS:
        assert any(status(CHECK, probe, host) is not Status.PASS for host in cut(folder))
        return
    assert not [host for host in cut(folder) if status(CHECK, probe, host) is Status.PASS]
    assert not [host for host in gappy(folder) if status(CHECK, probe, host) is Status.PASS]


GOOD = {PACKAGES: listing(), DISABLED: "", APPS: dump()}


@pytest.mark.parametrize("behind", [{}, GOOD, {PACKAGES: Why.TIMED_OUT}])
def test_the_planted_app_is_found_on_any_phone(behind: dict) -> None:
    folder = CANARIES / "android" / "canary" / "messaging_apps"
    verdict = judge(probe(planted(CANARY, folder, recorded_phone(behind), source=LocalHost())), Limits())
    assert verdict.status is Status.FAIL
    assert CANARY.reason in {point.reason for point in verdict.points}


def test_fact_holds_nothing_but_apps_that_we_know() -> None:
    seen = looked(["com.example.private", "com.whatsapp"])
    assert seen.found == (Found(app=Chat.WHATSAPP, runs=True),)
