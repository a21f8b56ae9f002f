"""Which cameras know the place, read from lists that are cut, refused, garbled or told for somebody else."""

from pathlib import Path

import pytest
from app_dump_parts import GONE, NONSENSE, OFF, ON, cases, cut, dump, entry, gappy, listing, sifted, status
from fakes import recorded_phone
from hypothesis import given
from hypothesis import strategies as st

from agent.collect.android.camera_apps import CAMERAS
from agent.collect.android.commands import APPS, PACKAGES, PLACE_LOOKED_UP, PROPERTIES
from agent.collect.android.geotagging import CANARY, parse, probe
from agent.collect.host import CollectError, LocalHost, Output
from agent.collect.layered import planted
from agent.collect.recorded import load
from agent.runner import CANARIES
from checks.evidence import Why
from checks.geotagging.check import CHECK, Limits, judge
from checks.geotagging.fact import Camera, CameraApp, Geotagging
from checks.makers import Maker
from checks.model import Status

FINE, COARSE = "ACCESS_FINE_LOCATION", "ACCESS_COARSE_LOCATION"
SAMSUNG = "com.sec.android.app.camera"
PROPS = "[ro.product.brand]: [samsung]\n"


def looked(names: list[str], *entries: str, looks: str | Why = Why.NOT_RECORDED) -> Geotagging:
    answers = {PACKAGES: listing(*names), APPS: dump(*entries), PLACE_LOOKED_UP: looks, PROPERTIES: PROPS}
    return probe(recorded_phone(answers))


def used(*lines: str, name: str = SAMSUNG, uid: str = "u0a91", operation: str = "FINE_LOCATION (allow): ") -> str:
    """`dumpsys appops --op FINE_LOCATION`"""
    return f"  Uid {uid}:\n    state=cch\n    Package {name}:\n      {operation}\n" + "".join(
        f"          {line}\n" for line in lines
    )


@pytest.mark.parametrize(
    ("asked", "held", "may"),
    [
        ((), {FINE: False, COARSE: False}, False),
        ((), {FINE: True, COARSE: True}, True),
        ((), {FINE: False, COARSE: True}, True),
        ((), {FINE: True, COARSE: False}, True),
        ((), {}, False),
        ((FINE, COARSE), {FINE: False}, None),
        ((FINE, COARSE), {FINE: True}, True),
        ((FINE,), {}, None),
    ],
)
def test_a_camera_may_look_up_the_place_if_only_roughly(
    asked: tuple[str, ...], held: dict[str, bool], may: bool | None
) -> None:
    seen = looked([SAMSUNG], entry(SAMSUNG, asked, held, system=True))
    wanted = Camera(app=CameraApp.BUILT_IN, name=SAMSUNG, may_locate=may, looked_up_days=None)
    assert (seen.cameras, seen.maker) == ((wanted,), Maker.SAMSUNG)


def test_a_camera_that_is_listed_and_not_in_the_dump_is_not_seen() -> None:
    (camera,) = looked([SAMSUNG]).cameras
    assert camera.may_locate is None


def test_a_camera_that_is_switched_off_or_of_another_profile_is_left_out() -> None:
    assert looked([SAMSUNG], entry(SAMSUNG, held={FINE: True}, states={0: OFF})).cameras == ()
    assert looked([], entry(SAMSUNG, held={FINE: False}, states={10: ON, 0: GONE})).cameras == ()


@pytest.mark.parametrize(
    ("name", "asked", "held", "found"),
    [
        ("com.example.tinycamera", (), {"CAMERA": True, FINE: False}, [CameraApp.OTHER]),
        ("com.example.BestCamera", (), {"CAMERA": True, FINE: False}, [CameraApp.OTHER]),
        ("com.example.gcam84", (), {"CAMERA": True, FINE: True}, [CameraApp.OTHER]),
        ("com.example.cam", (), {"CAMERA": True, FINE: True}, [CameraApp.OTHER]),
        ("com.example.campaign", (), {"CAMERA": True, FINE: True}, []),
        ("com.example.camera.helper", (), {"CAMERA": False, FINE: True}, []),
        ("com.example.camera.helper", ("CAMERA", FINE), {FINE: True}, [CameraApp.OTHER]),
        ("com.example.camera.helper", (FINE,), {FINE: True}, []),
        ("com.example.chat", (), {"CAMERA": True, FINE: True}, []),
        ("net.sourceforge.opencamera", (), {"CAMERA": False}, [CameraApp.OPEN_CAMERA]),
        ("com.google.android.GoogleCamera", (), {}, [CameraApp.GOOGLE]),
        ("com.sonymobile.photopro", (), {}, [CameraApp.BUILT_IN]),
        ("com.samsung.android.app.galaxyraw", (), {}, [CameraApp.OTHER]),
        ("jp.co.sony.mc.camera.app", (), {}, [CameraApp.BUILT_IN]),
        ("org.lineageos.aperture", (), {}, [CameraApp.BUILT_IN]),
    ],
)
def test_a_camera_is_one_that_we_know_or_one_by_name_and_right(
    name: str, asked: tuple[str, ...], held: dict[str, bool], found: list[CameraApp]
) -> None:
    assert [one.app for one in looked([name], entry(name, asked, held)).cameras] == found


def test_something_called_camera_of_which_nothing_was_seen_is_not_forgotten() -> None:
    (camera,) = looked(["com.example.tinycamera"]).cameras
    assert (camera.app, camera.may_locate) == (CameraApp.OTHER, None)


@pytest.mark.parametrize(
    ("line", "days"),
    [
        ("Access: [top-s] 2026-11-21 11:02:14.120 (-57m45s880ms)", 0),
        ("Access: [top-s] 2026-11-20 09:12:31.007 (-1d2h47m28s993ms) duration=+3s480ms", 1),
        ("Access: top   = 2026-11-02 09:12:31.007 (-19d2h47m28s993ms)", 19),
        ("Access: [fg-s] ٢٠٢٦-١١-٢١ ١١:٠٢:١٤ (-3d1ms)", 3),
        ("Access: [fg-tp] 2026-11-21 11:02:14.120 (-12ms) proxy[uid=10077]", 0),
        ("Reject: [cch-s]2026-11-21 15:02:12.835 (-2h4m19s930ms)", None),
        ("Access: [top-s] 2026-11-21 11:02:14.120 (+57m45s880ms)", None),
        ("Access: [top-s] 2026-11-21 11:02:14.120", None),
        ("Access: [top-s] (-abc)", None),
        ("", None),
    ],
)
def test_a_look_at_the_place_has_an_age(line: str, days: int | None) -> None:
    assert parse(used(line)).get(SAMSUNG) == days
    (camera,) = looked([SAMSUNG], entry(SAMSUNG, held={FINE: True}), looks=used(line)).cameras
    assert camera.looked_up_days == days


def test_the_latest_look_counts() -> None:
    lines = ["null=[", "Access: [top-s] x (-9d1ms)", "Access: [fg-s] x (-2d1ms)", "Access: [bg-s] x (-4d1ms)", "]"]
    assert parse(used(*lines)) == {SAMSUNG: 2}


@pytest.mark.parametrize(("uid", "found"), [("u0a91", True), ("1000", True), ("u10a91", False), ("u10s1000", False)])
def test_only_the_owners_looks_count(uid: str, found: bool) -> None:
    other = used("Access: [top-s] x (-1d1ms)", name="com.example.map")
    text = other + used("Access: [top-s] x (-2d1ms)", uid=uid)
    assert parse(text) == {"com.example.map": 1, **({SAMSUNG: 2} if found else {})}


@pytest.mark.parametrize("operation", ["COARSE_LOCATION (allow): ", "MONITOR_LOCATION (allow): ", "CAMERA (allow): "])
def test_another_operation_is_no_look(operation: str) -> None:
    assert parse(used("Access: [top-s] x (-1d1ms)", operation=operation)) == {}
    switched = "FINE_LOCATION (allow / switch COARSE_LOCATION=allow): "
    assert parse(used("Access: [top-s] x (-1d1ms)", operation=switched)) == {SAMSUNG: 1}


def test_a_look_without_its_app_is_nobodys() -> None:
    lines = used("Access: [top-s] x (-1d1ms)").splitlines()
    for lost in range(3):
        left = "\n".join(lines[:lost] + lines[lost + 1 :])
        assert parse(left + "\n" + used(name="com.example.map")).get(SAMSUNG, 1) == 1
    assert parse(used() + "  Uid u0a5:\n          Access: [top-s] x (-1d1ms)\n") == {}
    assert parse(used() + "    Package com.example.map:\n          Access: [top-s] x (-1d1ms)\n") == {}


def test_a_list_of_operations_without_an_app_is_none() -> None:
    with pytest.raises(CollectError) as caught:
        parse("Current AppOps Service state:\n")
    assert caught.value.why is Why.UNPARSABLE


@pytest.mark.parametrize("text", [*NONSENSE, "Unknown option: --op\n"])
def test_without_the_list_of_operations_a_camera_that_may_is_unclear(text: str) -> None:
    camera = entry(SAMSUNG, held={FINE: True})
    host = recorded_phone({PACKAGES: listing(SAMSUNG), APPS: dump(camera), PLACE_LOOKED_UP: text})
    assert status(CHECK, probe, host) is Status.UNKNOWN


@pytest.mark.parametrize("text", NONSENSE)
def test_a_dump_that_is_none_leaves_the_permission_unseen(text: str) -> None:
    seen = probe(recorded_phone({PACKAGES: listing(SAMSUNG), APPS: text}))
    assert [one.may_locate for one in seen.cameras] == [None]
    assert "permission" in {gap.part for gap in seen.gaps}


@pytest.mark.parametrize("text", NONSENSE)
def test_a_list_that_is_none_may_hide_a_camera(text: str) -> None:
    camera = entry(SAMSUNG, held={FINE: False})
    host = recorded_phone({PACKAGES: text, APPS: dump(camera)})
    assert status(CHECK, probe, host) in (Status.UNKNOWN, Status.ERROR)


def test_a_refusal_is_an_error() -> None:
    refused = Output(exit_code=0, stdout="", stderr=NONSENSE[0])
    assert status(CHECK, probe, recorded_phone({PACKAGES: listing(SAMSUNG), APPS: refused})) is Status.ERROR


def test_line_ends_of_a_terminal_change_nothing() -> None:
    texts = (listing(SAMSUNG), dump(entry(SAMSUNG, held={FINE: True})), used("Access: [top-s] x (-1d1ms)"), PROPS)
    commands = (PACKAGES, APPS, PLACE_LOOKED_UP, PROPERTIES)
    plain = recorded_phone(dict(zip(commands, texts, strict=True)))
    ended = recorded_phone({one: text.replace("\n", "\r\n") for one, text in zip(commands, texts, strict=True)})
    assert probe(ended) == probe(plain)


@given(st.text(), st.text(), st.text(), st.text())
def test_any_text_gives_a_fact_that_is_no_pass(listed: str, dumped: str, looks: str, props: str) -> None:
    host = recorded_phone({PACKAGES: listed, APPS: dumped, PLACE_LOOKED_UP: looks, PROPERTIES: props})
    assert judge(probe(host), Limits()).status is Status.UNKNOWN


@given(st.text(alphabet="Uid u0a9:\nPackge FINE_LOCATION(allow) Access: [top](-1d2h)"))
def test_any_list_of_operations_gives_days_or_a_reason(text: str) -> None:
    try:
        found = parse(text)
    except CollectError:
        return
    assert all(days >= 0 for days in found.values())


@pytest.mark.parametrize("piece", ["Access: ", "  Uid u0a1:", "(-1d", "      FINE_LOCATION (", "A", " "])
def test_a_flood_on_one_line_is_read_or_refused(piece: str) -> None:
    with pytest.raises(CollectError):
        parse("x" + piece * (10**6 // len(piece)))
    assert parse(used(piece * (10**6 // len(piece)))) == {}


@pytest.mark.parametrize("folder", cases("geotag"), ids=lambda one: one.name)
def test_damage_never_makes_a_pass(folder: Path) -> None:
    if status(CHECK, probe, load(str(folder), LocalHost())) is Status.PASS:
        assert any(status(CHECK, probe, host) is not Status.PASS for host in cut(folder))
        return
    assert not [host for host in cut(folder) if status(CHECK, probe, host) is Status.PASS]
    assert not [host for host in gappy(folder) if status(CHECK, probe, host) is Status.PASS]


GOOD = {PACKAGES: listing(SAMSUNG), APPS: dump(entry(SAMSUNG, held={FINE: False})), PROPERTIES: PROPS}


@pytest.mark.parametrize("behind", [{}, GOOD, {PACKAGES: Why.TIMED_OUT}])
def test_the_planted_camera_is_found_on_any_phone(behind: dict) -> None:
    folder = CANARIES / "android" / "canary" / "geotagging"
    verdict = judge(probe(planted(CANARY, folder, recorded_phone(behind), source=LocalHost())), Limits())
    assert verdict.status is Status.FAIL
    assert CANARY.reason in {point.reason for point in verdict.points}


def test_every_sort_of_camera_that_the_check_names_is_known_here() -> None:
    assert {*CAMERAS.values(), CameraApp.OTHER} == set(CameraApp)


@pytest.mark.parametrize("folder", cases("geotag"), ids=lambda one: one.name)
def test_lines_that_stay_on_the_phone_are_not_needed(folder: Path) -> None:
    host = load(str(folder), LocalHost())
    assert status(CHECK, probe, sifted(folder)) is status(CHECK, probe, host)
    if "refused" not in folder.name:
        assert probe(sifted(folder)) == probe(host)
