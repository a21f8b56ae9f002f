"""The judge of messaging apps: every branch and edge."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.evidence import Gap, Why
from checks.guidance import guidance, said
from checks.messaging_apps.check import CHECK, Limits, Reason, judge
from checks.messaging_apps.fact import Chat, Found, MessagingApps
from checks.messaging_apps.products import IDENTIFIERS, TITLES, named
from checks.model import PHONES, Severity, Status

FAIL, UNKNOWN, PASS = Status.FAIL, Status.UNKNOWN, Status.PASS
SIGNAL = Limits(approved=(Chat.SIGNAL,))


def seen(*found: tuple[Chat, bool | None], gaps: tuple[Gap, ...] = ()) -> MessagingApps:
    return MessagingApps(found=tuple(Found(app=app, runs=runs) for app, runs in found), gaps=gaps)


TABLE = [
    ((), Limits(), PASS, ["none_found"]),
    ((), SIGNAL, PASS, ["none_found"]),
    (((Chat.WHATSAPP, True),), Limits(), FAIL, ["not_approved"]),
    (((Chat.WHATSAPP, None),), Limits(), UNKNOWN, ["running_not_seen"]),
    (((Chat.WHATSAPP, False),), Limits(), PASS, ["switched_off_only"]),
    (((Chat.SIGNAL, True),), SIGNAL, PASS, ["approved_only"]),
    (((Chat.SIGNAL, None),), SIGNAL, PASS, ["approved_only"]),
    (((Chat.SIGNAL, False),), SIGNAL, PASS, ["switched_off_only"]),
    (((Chat.SIGNAL, True), (Chat.WHATSAPP, False)), SIGNAL, PASS, ["approved_only"]),
    (((Chat.SIGNAL, True), (Chat.WHATSAPP, None)), SIGNAL, UNKNOWN, ["running_not_seen"]),
    (((Chat.SIGNAL, True), (Chat.WHATSAPP, True)), SIGNAL, FAIL, ["not_approved"]),
    (((Chat.LINE, None), (Chat.WHATSAPP, True)), SIGNAL, FAIL, ["not_approved", "running_not_seen"]),
    (((Chat.LINE, True), (Chat.WHATSAPP, True)), Limits(), FAIL, ["not_approved", "not_approved"]),
]


@pytest.mark.parametrize(("found", "limits", "status", "reasons"), TABLE)
def test_apps_are_judged_by_the_practices_list(
    found: tuple[tuple[Chat, bool | None], ...], limits: Limits, status: Status, reasons: list[str]
) -> None:
    verdict = judge(seen(*found), limits)
    assert verdict.status is status
    assert [str(point.reason) for point in verdict.points] == reasons


def test_only_apps_that_are_not_approved_and_run_are_shared() -> None:
    found = ((Chat.LINE, None), (Chat.SIGNAL, True), (Chat.VIBER, False), (Chat.WHATSAPP, True))
    assert judge(seen(*found), SIGNAL).measures == {"not_approved": (Chat.WHATSAPP,)}


def test_a_fail_names_the_app() -> None:
    (point,) = judge(seen((Chat.WECHAT, True)), Limits()).points
    assert point.because == "WeChat is installed and the practice has not approved it"
    assert point.exact == {"client": Chat.WECHAT, "product": "WeChat"}


def test_what_was_not_seen_says_why() -> None:
    gap = Gap(part=Chat.VIBER, why=Why.TIMED_OUT)
    first, second = judge(seen((Chat.SKYPE, None), (Chat.VIBER, None), gaps=(gap,)), Limits()).points
    assert first.exact == {"client": Chat.SKYPE, "product": "Skype", "why": Why.NOT_SAID}
    assert first.because == "whether Skype can run not seen: the system does not say"
    assert second.exact["why"] is Why.TIMED_OUT
    assert second.because == "whether Viber can run not seen: no answer came within the time limit"


@pytest.mark.parametrize(
    ("found", "because", "exact"),
    [
        ((), "no messaging app that we know is installed", {}),
        (
            ((Chat.LINE, False),),
            "no messaging app that we know can run; some are installed and switched off",
            {},
        ),
        (
            ((Chat.SIGNAL, True), (Chat.TEAMS, None), (Chat.WIRE, False)),
            "only messaging apps that the practice approves are installed: Signal, Microsoft Teams",
            {"products": "Signal, Microsoft Teams"},
        ),
    ],
)
def test_a_pass_claims_only_what_was_seen(
    found: tuple[tuple[Chat, bool | None], ...], because: str, exact: dict[str, str]
) -> None:
    (point,) = judge(seen(*found), Limits(approved=(Chat.TEAMS, Chat.SIGNAL))).points
    assert (point.because, point.exact) == (because, exact)


@given(st.lists(st.sampled_from(Chat), unique=True), st.lists(st.sampled_from(Chat), unique=True))
def test_an_app_that_runs_and_is_not_approved_never_passes(found: list[Chat], approved: list[Chat]) -> None:
    verdict = judge(seen(*((one, True) for one in found)), Limits(approved=tuple(approved)))
    assert verdict.status is (FAIL if set(found) - set(approved) else PASS)


@pytest.mark.parametrize(
    ("approved", "wanted"),
    [
        ((), ()),
        (("whatsapp",), (Chat.WHATSAPP,)),
        (("com.whatsapp",), (Chat.WHATSAPP,)),
        (("com.whatsapp", "whatsapp"), (Chat.WHATSAPP,)),
        (("org.thunderdog.challegram",), (Chat.TELEGRAM,)),
        (("com.whatsapp.w4b", "signal"), (Chat.SIGNAL, Chat.WHATSAPP_BUSINESS)),
        (("com.example.imaging", "WhatsApp", "com.WHATSAPP", ""), ()),
    ],
)
def test_approved_apps_of_a_policy_are_found_by_word_or_identifier(
    approved: tuple[str, ...], wanted: tuple[Chat, ...]
) -> None:
    assert named(approved) == wanted


def test_every_app_has_a_title_and_an_identifier() -> None:
    assert set(TITLES) == set(Chat)
    assert set(IDENTIFIERS.values()) == set(Chat)
    assert not set(IDENTIFIERS) & {one.value for one in Chat}


def test_the_check_says_what_it_is() -> None:
    assert (CHECK.id, CHECK.severity, CHECK.platforms) == ("messaging_apps", Severity.MEDIUM, PHONES)
    assert (CHECK.requirements, CHECK.saw, CHECK.measures) == (("R8",), None, {"not_approved": Chat})


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_words_and_what_is_not_well_has_steps(reason: Reason) -> None:
    words = guidance("messaging_apps").reasons[reason]
    well = reason in (Reason.NONE_FOUND, Reason.APPROVED_ONLY, Reason.SWITCHED_OFF_ONLY)
    assert bool({"android", "any"} & set(words.steps)) is not well
    assert "{" not in said("messaging_apps", reason, {"product": "WhatsApp", "products": "Signal"})
