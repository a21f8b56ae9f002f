"""The judge of apps that read pictures: every branch and edge."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.bands import Count
from checks.evidence import Gap, Why
from checks.guidance import guidance, said
from checks.model import PHONES, Severity, Status, Word
from checks.photo_access.check import CHECK, Limits, Reason, judge
from checks.photo_access.fact import Cloud, PhotoAccess, Reach, Reader, Social
from checks.photo_access.products import TITLES

FAIL, UNKNOWN, PASS = Status.FAIL, Status.UNKNOWN, Status.PASS
ALL, CHOSEN, NONE = Reach.ALL, Reach.CHOSEN, Reach.NONE
LOOSE = Limits(unknown_apps=False)
WHATSAPP = Limits(allowed=(Social.WHATSAPP,))
APPS_GAP = Gap(part="apps", why=Why.UNPARSABLE)


def fact(*social: tuple[Social, Reach | None], **changes: Any) -> PhotoAccess:
    values: dict[str, Any] = {"clouds": (), "others": 0}
    return PhotoAccess(social=tuple(Reader(app=app, reach=reach) for app, reach in social), **{**values, **changes})


TABLE: list[tuple[PhotoAccess, Limits, Status, list[str]]] = [
    (fact(), Limits(), PASS, ["limited"]),
    (fact((Social.X, NONE)), Limits(), PASS, ["limited"]),
    (fact((Social.X, CHOSEN)), Limits(), PASS, ["limited"]),
    (fact((Social.X, ALL)), Limits(), FAIL, ["reads_all"]),
    (fact((Social.X, None)), Limits(), UNKNOWN, ["reach_not_seen"]),
    (fact((Social.FACEBOOK, ALL), (Social.X, None)), Limits(), FAIL, ["reads_all", "reach_not_seen"]),
    (fact((Social.FACEBOOK, ALL), (Social.X, ALL)), Limits(), FAIL, ["reads_all", "reads_all"]),
    (fact((Social.WHATSAPP, ALL)), WHATSAPP, PASS, ["allowed_only"]),
    (fact((Social.WHATSAPP, None)), WHATSAPP, PASS, ["allowed_only"]),
    (fact((Social.WHATSAPP, CHOSEN)), WHATSAPP, PASS, ["limited"]),
    (fact((Social.WHATSAPP, NONE)), WHATSAPP, PASS, ["limited"]),
    (fact((Social.WHATSAPP, ALL), (Social.X, ALL)), WHATSAPP, FAIL, ["reads_all"]),
    (fact((Social.WHATSAPP, ALL), (Social.X, None)), WHATSAPP, UNKNOWN, ["reach_not_seen"]),
    (fact(clouds=(Cloud.DROPBOX,)), Limits(), PASS, ["limited"]),
    (fact(others=1), Limits(), UNKNOWN, ["other_apps"]),
    (fact(others=None), Limits(), UNKNOWN, ["others_not_seen"]),
    (fact(others=1), LOOSE, PASS, ["others_remain"]),
    (fact(others=None), LOOSE, PASS, ["limited"]),
    (fact((Social.X, ALL), others=1), Limits(), FAIL, ["reads_all", "other_apps"]),
    (fact((Social.X, ALL), others=1), LOOSE, FAIL, ["reads_all"]),
    (fact(gaps=(APPS_GAP,)), Limits(), UNKNOWN, ["apps_not_seen"]),
    (fact(gaps=(APPS_GAP,)), LOOSE, UNKNOWN, ["apps_not_seen"]),
    (fact(gaps=(Gap(part="others", why=Why.NOT_SAID),)), Limits(), PASS, ["limited"]),
    (fact((Social.WHATSAPP, ALL), others=2), Limits(allowed=(Social.WHATSAPP,), unknown_apps=False), PASS,
     ["allowed_only"]),
]  # fmt: skip


@pytest.mark.parametrize(("seen", "limits", "status", "reasons"), TABLE)
def test_access_is_judged(seen: PhotoAccess, limits: Limits, status: Status, reasons: list[str]) -> None:
    verdict = judge(seen, limits)
    assert verdict.status is status
    assert [str(point.reason) for point in verdict.points] == reasons


def test_names_of_known_apps_and_a_band_of_others_are_shared() -> None:
    social = (
        (Social.FACEBOOK, ALL),
        (Social.LINE, CHOSEN),
        (Social.VK, None),
        (Social.WHATSAPP, ALL),
        (Social.X, NONE),
    )
    assert judge(fact(*social, clouds=(Cloud.MEGA,), others=7), WHATSAPP).measures == {
        "reading": (Social.FACEBOOK, Social.WHATSAPP), "clouds": (Cloud.MEGA,), "others": Count.SIX_TO_20
    }  # fmt: skip


@pytest.mark.parametrize(("others", "band"), [(None, Count.NOT_SEEN), (0, Count.NONE), (5, Count.ONE_TO_5)])
def test_the_number_of_other_apps_is_shared_as_a_band(others: int | None, band: Count) -> None:
    assert judge(fact(others=others), Limits()).measures["others"] is band


@pytest.mark.parametrize(
    ("seen", "limits", "because", "exact"),
    [
        (fact((Social.X, ALL)), Limits(), "X may read all pictures", {"client": Social.X, "product": "X"}),
        (
            fact((Social.X, None)), Limits(), "how many pictures X may read not seen: the system does not say",
            {"client": Social.X, "product": "X", "why": Why.NOT_SAID},
        ),
        (
            fact((Social.X, None), gaps=(Gap(part="x", why=Why.NOT_PERMITTED),)), Limits(),
            "how many pictures X may read not seen: access to it was refused",
            {"client": Social.X, "product": "X", "why": Why.NOT_PERMITTED},
        ),
        (fact(others=3), Limits(), "installed apps that we do not know may read all pictures", {"others": 3}),
        (
            fact(others=None, gaps=(Gap(part="others", why=Why.TIMED_OUT),)), Limits(),
            "others not seen: no answer came within the time limit", {"why": Why.TIMED_OUT},
        ),
        (
            fact(gaps=(APPS_GAP,)), Limits(), "apps not seen: the answer was not understood", {"why": Why.UNPARSABLE},
        ),
        (fact(), Limits(), "no social app that we know may read all pictures", {}),
        (
            fact(others=3), LOOSE,
            "no social app that we know may read all pictures; installed apps that we do not know may", {"others": 3},
        ),
        (
            fact((Social.LINE, None), (Social.X, ALL)), Limits(allowed=(Social.X, Social.LINE, Social.VK)),
            "the only social apps that we know and that may read all pictures are allowed: LINE, X",
            {"products": "LINE, X"},
        ),
    ],
)  # fmt: skip
def test_each_point_says_what_was_seen(seen: PhotoAccess, limits: Limits, because: str, exact: dict[str, Any]) -> None:
    (point,) = judge(seen, limits).points
    assert (point.because, point.exact) == (because, exact)


@given(st.dictionaries(st.sampled_from(Social), st.sampled_from([*Reach, None])), st.sets(st.sampled_from(Social)))
def test_a_pass_needs_every_app_that_is_not_allowed_to_be_kept_out(
    reaches: dict[Social, Reach | None], allowed: set[Social]
) -> None:
    verdict = judge(fact(*reaches.items()), Limits(allowed=tuple(allowed)))
    judged = {reach for app, reach in reaches.items() if app not in allowed}
    assert verdict.status is (FAIL if ALL in judged else UNKNOWN if None in judged else PASS)


def test_every_app_has_a_title() -> None:
    assert set(TITLES) == set(Social)


def test_the_check_says_what_it_is() -> None:
    assert (CHECK.id, CHECK.severity, CHECK.platforms) == ("photo_access", Severity.MEDIUM, PHONES)
    assert CHECK.measures == {"reading": Social, "clouds": Cloud, "others": Count}
    assert CHECK.requirements == ("R9",)
    assert CHECK.saw is not None
    assert (CHECK.saw.good, CHECK.saw.bad, CHECK.saw.one_suffices) == (Word.LIMITED, Word.UNLIMITED, False)


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_words_and_what_is_not_well_has_steps(reason: Reason) -> None:
    words = guidance("photo_access").reasons[reason]
    well = reason in (Reason.LIMITED, Reason.ALLOWED_ONLY, Reason.OTHERS_REMAIN)
    assert bool({"android", "any"} & set(words.steps)) is not well
    assert "{" not in said("photo_access", reason, {"product": "X", "products": "X", "others": 2})
