"""The judge of cameras that know the place: every branch and edge."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.evidence import Gap, Why
from checks.geotagging.check import CHECK, TITLES, Limits, Place, Reason, judge
from checks.geotagging.fact import Camera, CameraApp, Geotagging
from checks.guidance import guidance, said, steps
from checks.makers import Maker
from checks.model import PHONES, Severity, Status, Word

FAIL, UNKNOWN, PASS = Status.FAIL, Status.UNKNOWN, Status.PASS


def camera(may_locate: bool | None, days: int | None = None, app: CameraApp = CameraApp.BUILT_IN) -> Camera:
    return Camera(app=app, name="com.example.camera", may_locate=may_locate, looked_up_days=days)


def fact(*cameras: Camera, maker: Maker | None = Maker.SAMSUNG, gaps: tuple[Gap, ...] = ()) -> Geotagging:
    return Geotagging(cameras=cameras, maker=maker, gaps=gaps)


HIDDEN = (Gap(part="cameras", why=Why.UNPARSABLE),)
TABLE: list[tuple[Geotagging, Limits, Status, Place, list[str]]] = [
    (fact(camera(False)), Limits(), PASS, Place.KEPT_OUT, ["not_allowed"]),
    (fact(camera(False, 0)), Limits(), PASS, Place.KEPT_OUT, ["not_allowed"]),
    (fact(camera(True)), Limits(), UNKNOWN, Place.ALLOWED, ["allowed"]),
    (fact(camera(True, 0)), Limits(), FAIL, Place.LOOKED_UP, ["looked_up"]),
    (fact(camera(True, 7)), Limits(), FAIL, Place.LOOKED_UP, ["looked_up"]),
    (fact(camera(True, 8)), Limits(), UNKNOWN, Place.ALLOWED, ["allowed"]),
    (fact(camera(True, -1)), Limits(), UNKNOWN, Place.ALLOWED, ["allowed"]),
    (fact(camera(True, 8)), Limits(max_lookup_days=8), FAIL, Place.LOOKED_UP, ["looked_up"]),
    (fact(camera(None)), Limits(), UNKNOWN, Place.NOT_SEEN, ["permission_not_seen"]),
    (fact(camera(None, 0)), Limits(), UNKNOWN, Place.NOT_SEEN, ["permission_not_seen"]),
    (fact(), Limits(), UNKNOWN, Place.NOT_SEEN, ["no_camera"]),
    (fact(gaps=HIDDEN), Limits(), UNKNOWN, Place.NOT_SEEN, ["cameras_not_seen", "no_camera"]),
    (fact(camera(False), gaps=HIDDEN), Limits(), UNKNOWN, Place.NOT_SEEN, ["cameras_not_seen"]),
    (fact(camera(False), camera(True)), Limits(), UNKNOWN, Place.ALLOWED, ["allowed"]),
    (fact(camera(False), camera(None)), Limits(), UNKNOWN, Place.NOT_SEEN, ["permission_not_seen"]),
    (fact(camera(None), camera(True)), Limits(), UNKNOWN, Place.ALLOWED, ["allowed", "permission_not_seen"]),
    (fact(camera(True), camera(True, 1)), Limits(), FAIL, Place.LOOKED_UP, ["looked_up", "allowed"]),
    (fact(camera(False), gaps=(Gap(part="looks", why=Why.TIMED_OUT),)), Limits(), PASS, Place.KEPT_OUT,
     ["not_allowed"]),
    (fact(camera(False), maker=None, gaps=(Gap(part="maker", why=Why.TIMED_OUT),)), Limits(), PASS, Place.KEPT_OUT,
     ["not_allowed"]),
]  # fmt: skip


@pytest.mark.parametrize(("seen", "limits", "status", "place", "reasons"), TABLE)
def test_cameras_are_judged_by_whether_they_can_know_the_place(
    seen: Geotagging, limits: Limits, status: Status, place: Place, reasons: list[str]
) -> None:
    verdict = judge(seen, limits)
    assert (verdict.status, verdict.measures) == (status, {"place": place})
    assert [str(point.reason) for point in verdict.points] == reasons


@pytest.mark.parametrize(
    ("app", "maker", "exact"),
    [
        (CameraApp.BUILT_IN, Maker.SAMSUNG, {"camera": "Camera", "maker": "samsung"}),
        (CameraApp.BUILT_IN, Maker.OTHER, {"camera": "Camera"}),
        (CameraApp.BUILT_IN, None, {"camera": "Camera"}),
        (CameraApp.GOOGLE, Maker.SAMSUNG, {"camera": "Google Camera", "client": "google_camera"}),
        (CameraApp.OPEN_CAMERA, None, {"camera": "Open Camera", "client": "open_camera"}),
        (CameraApp.OTHER, Maker.SAMSUNG, {"camera": "com.example.camera"}),
    ],
)
def test_the_person_is_told_which_camera_and_its_own_steps(
    app: CameraApp, maker: Maker | None, exact: dict[str, str]
) -> None:
    (point,) = judge(fact(camera(True, app=app), maker=maker), Limits()).points
    assert point.exact == {**exact, "why": Why.NOT_SAID}
    (point,) = judge(fact(camera(True, 2, app=app), maker=maker), Limits()).points
    assert point.exact == {**exact, "within": "7 days"}
    (point,) = judge(fact(camera(None, app=app), maker=maker), Limits()).points
    assert point.exact == {**exact, "why": Why.NOT_SAID}


def test_no_name_of_an_app_that_we_do_not_know_travels() -> None:
    for seen in (camera(True), camera(None), camera(True, 1)):
        (point,) = judge(fact(Camera(app=CameraApp.OTHER, name="com.secret.camera", may_locate=seen.may_locate,
                                     looked_up_days=seen.looked_up_days)), Limits()).points  # fmt: skip
        assert "secret" not in point.because


def test_what_was_not_seen_says_why() -> None:
    gap = Gap(part="permission", why=Why.NOT_PERMITTED)
    (point,) = judge(fact(camera(None), gaps=(gap,)), Limits()).points
    assert point.exact["why"] is Why.NOT_PERMITTED
    wanted = "whether a camera app may look up the place not seen: access to it was refused"
    assert point.because == wanted


@pytest.mark.parametrize(
    ("seen", "limits", "because"),
    [
        (fact(camera(False)), Limits(), "no camera app that we know may look up the place"),
        (fact(camera(True, 0)), Limits(), "a camera app looked up the place within 7 days"),
        (fact(camera(True, 0)), Limits(max_lookup_days=1), "a camera app looked up the place within 1 day"),
        (fact(camera(True)), Limits(), "a camera app may look up the place; whether it stores it cannot be read"),
        (fact(), Limits(), "no camera app that we know was found"),
    ],
)
def test_practice_it_reads_what_was_seen(seen: Geotagging, limits: Limits, because: str) -> None:
    assert [point.because for point in judge(seen, limits).points] == [because]


@given(st.lists(st.tuples(st.sampled_from([True, False, None]), st.none() | st.integers(-3, 100))))
def test_a_pass_needs_every_camera_seen_to_be_kept_out(rows: list[tuple[bool | None, int | None]]) -> None:
    verdict = judge(fact(*(camera(may, days) for may, days in rows)), Limits())
    assert (verdict.status is PASS) == (rows != [] and all(may is False for may, _ in rows))


def test_the_check_says_what_it_is() -> None:
    assert (CHECK.id, CHECK.severity, CHECK.platforms) == ("geotagging", Severity.LOW, PHONES)
    assert (CHECK.measures, CHECK.requirements) == ({"place": Place}, ("R7",))
    assert CHECK.saw is not None
    assert (CHECK.saw.good, CHECK.saw.bad, CHECK.saw.one_suffices) == (Word.OFF, Word.ON, False)


def test_every_camera_that_we_know_has_a_title() -> None:
    assert set(TITLES) == set(CameraApp) - {CameraApp.OTHER}


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_words_and_what_is_not_well_has_steps(reason: Reason) -> None:
    words = guidance("geotagging").reasons[reason]
    assert bool({"android", "any"} & set(words.steps)) is (reason is not Reason.NOT_ALLOWED)
    assert "{" not in said("geotagging", reason, {"camera": "Camera", "within": "7 days"})
    for variant in words.steps:
        assert all("{" not in step for step in steps("geotagging", reason, [variant], {"camera": "Camera"}))


@pytest.mark.parametrize("reason", [Reason.LOOKED_UP, Reason.ALLOWED, Reason.PERMISSION_NOT_SEEN])
def test_steps_are_kept_under_words_that_points_name(reason: Reason) -> None:
    known = {*Maker, *CameraApp, "android"}
    assert set(guidance("geotagging").reasons[reason].steps) <= known
