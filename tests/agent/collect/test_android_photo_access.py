"""Which apps may read all pictures, read from lists that are cut, refused, garbled or told for somebody else."""

from pathlib import Path

import pytest
from app_dump_parts import GONE, NONSENSE, OFF, ON, cases, cut, dump, entry, gappy, listing, sifted, status
from fakes import recorded_phone
from hypothesis import given
from hypothesis import strategies as st

from agent.collect.android.commands import APPS, PACKAGES, PROPERTIES, SHARED_USERS
from agent.collect.android.photo_access import CANARY, probe
from agent.collect.android.photo_apps import CLOUDS, SOCIAL
from agent.collect.host import LocalHost, Output
from agent.collect.layered import planted
from agent.collect.recorded import load
from agent.runner import CANARIES
from checks.evidence import Gap, Why
from checks.model import Status
from checks.photo_access.check import CHECK, Limits, judge
from checks.photo_access.fact import Cloud, PhotoAccess, Reach, Reader, Social

IMAGES, OLD, CHOSEN, FILES = (
    "READ_MEDIA_IMAGES", "READ_EXTERNAL_STORAGE", "READ_MEDIA_VISUAL_USER_SELECTED", "MANAGE_EXTERNAL_STORAGE"
)  # fmt: skip
FACEBOOK = "com.facebook.katana"


def looked(names: list[str], *entries: str) -> PhotoAccess:
    return probe(recorded_phone({PACKAGES: listing(*names), APPS: dump(*entries)}))


@pytest.mark.parametrize(
    ("asked", "held", "reach"),
    [
        ((), {OLD: True}, Reach.ALL),
        ((), {OLD: False}, Reach.NONE),
        ((), {IMAGES: True, CHOSEN: True}, Reach.ALL),
        ((), {IMAGES: False, CHOSEN: True}, Reach.CHOSEN),
        ((), {IMAGES: False, CHOSEN: False}, Reach.NONE),
        ((IMAGES,), {}, None),
        ((OLD,), {}, None),
        ((IMAGES, FILES), {IMAGES: False}, None),
        ((), {}, Reach.NONE),
    ],
)
def test_an_app_reads_what_its_permissions_say(
    asked: tuple[str, ...], held: dict[str, bool], reach: Reach | None
) -> None:
    seen = looked([FACEBOOK], entry(FACEBOOK, asked, held))
    assert seen.social == (Reader(app=Social.FACEBOOK, reach=reach),)


@pytest.mark.parametrize(
    ("level", "made_for", "asked", "held", "reach"),
    [
        (33, 33, (OLD, IMAGES), {OLD: True, IMAGES: False}, Reach.NONE),
        (33, 34, (OLD,), {OLD: True}, Reach.NONE),
        (34, 34, (OLD, IMAGES, CHOSEN), {OLD: True, IMAGES: False, CHOSEN: True}, Reach.CHOSEN),
        (34, 34, (OLD, IMAGES), {OLD: True, IMAGES: True}, Reach.ALL),
        (34, 34, (OLD, IMAGES), {OLD: True}, None),
        (34, 34, (OLD, FILES), {OLD: True}, None),
        (34, 34, (OLD, FILES), {OLD: True, FILES: True}, Reach.ALL),
        (34, 32, (OLD, IMAGES), {OLD: True, IMAGES: False}, Reach.ALL),
        (34, None, (OLD, IMAGES), {OLD: True, IMAGES: False}, None),
        (32, 34, (OLD,), {OLD: True}, Reach.ALL),
        (None, 34, (OLD, IMAGES), {OLD: True, IMAGES: False}, Reach.ALL),
    ],
)
def test_the_old_permission_counts_only_where_pictures_have_none_of_their_own(
    level: int | None, made_for: int | None, asked: tuple[str, ...], held: dict[str, bool], reach: Reach | None
) -> None:
    sdk = Why.TIMED_OUT if level is None else f"[ro.build.version.sdk]: [{level}]\n"
    apps = dump(entry(FACEBOOK, asked, held, made_for=made_for))
    seen = probe(recorded_phone({PACKAGES: listing(FACEBOOK), APPS: apps, PROPERTIES: sdk}))
    assert seen.social == (Reader(app=Social.FACEBOOK, reach=reach),)


def test_an_app_that_may_write_everywhere_on_an_old_phone_reads_everything() -> None:
    app = entry(FACEBOOK, held={OLD: False, "WRITE_EXTERNAL_STORAGE": True}, made_for=28)
    sdk = "[ro.build.version.sdk]: [28]\n"
    host = recorded_phone({PACKAGES: listing(FACEBOOK), APPS: dump(app), PROPERTIES: sdk})
    assert status(CHECK, probe, host) is Status.FAIL


def test_an_app_that_is_listed_and_not_in_the_dump_is_not_seen() -> None:
    seen = looked([FACEBOOK, "com.example.unknown"])
    assert seen.social == (Reader(app=Social.FACEBOOK, reach=None),)
    assert seen.others is None


def test_an_app_that_is_in_the_dump_and_not_listed_counts() -> None:
    assert looked([], entry(FACEBOOK, held={IMAGES: True})).social == (
        Reader(app=Social.FACEBOOK, reach=Reach.ALL),
    )  # fmt: skip


@pytest.mark.parametrize("state", [OFF, ON.replace("enabled=0", "enabled=2")])
def test_an_app_that_is_switched_off_reads_nothing(state: str) -> None:
    seen = looked([FACEBOOK], entry(FACEBOOK, held={IMAGES: True}, states={0: state}))
    assert (seen.social, seen.others) == ((), 0)


def test_an_app_that_one_list_has_and_the_other_calls_removed_still_counts() -> None:
    seen = looked([FACEBOOK], entry(FACEBOOK, held={IMAGES: True}, states={0: GONE}))
    assert seen.social == (Reader(app=Social.FACEBOOK, reach=Reach.ALL),)


@pytest.mark.parametrize("state", ["installed=true", "enabled=3", GONE.replace("enabled=0", "enabled=3"), ""])
def test_an_app_that_is_listed_and_not_seen_to_be_off_still_counts(state: str) -> None:
    seen = looked([FACEBOOK], entry(FACEBOOK, held={IMAGES: True}, states={0: state}))
    assert [one.app for one in seen.social] == [Social.FACEBOOK]


@pytest.mark.parametrize("order", [{0: GONE, 10: ON}, {10: ON, 0: GONE}])
def test_a_copy_in_another_profile_is_not_the_owners(order: dict[int, str]) -> None:
    seen = looked([], entry(FACEBOOK, held={IMAGES: False}, states=order))
    assert seen.social == ()


def test_of_two_editions_the_one_that_reads_more_counts() -> None:
    names = [FACEBOOK, "com.facebook.lite"]
    lite = entry("com.facebook.lite", held={IMAGES: True})
    assert looked(names, entry(FACEBOOK, held={IMAGES: False}), lite).social == (
        Reader(app=Social.FACEBOOK, reach=Reach.ALL),
    )  # fmt: skip
    unsaid = entry("com.facebook.lite", asked=[IMAGES])
    assert looked(names, entry(FACEBOOK, held={IMAGES: False, CHOSEN: True}), unsaid).social[0].reach is None
    refused = entry("com.facebook.lite", held={IMAGES: False})
    assert looked(names, entry(FACEBOOK, held={IMAGES: False, CHOSEN: True}), refused).social[0].reach is Reach.CHOSEN


def test_others_are_those_that_came_later_and_that_we_do_not_know() -> None:
    names = ["com.example.bank", "com.example.gallery", "com.dropbox.android", "com.example.refused"]
    seen = looked(
        names, entry(names[0], held={IMAGES: True}), entry(names[1], held={IMAGES: True}, system=True),
        entry(names[2], held={IMAGES: True}), entry(names[3], held={IMAGES: False}),
    )  # fmt: skip
    assert (seen.others, seen.clouds, seen.social) == (1, (Cloud.DROPBOX,), ())


def test_a_cloud_that_is_kept_out_is_not_named() -> None:
    assert looked(["com.dropbox.android"], entry("com.dropbox.android", held={IMAGES: False})).clouds == ()


def test_others_are_not_seen_where_one_may_read_all_files() -> None:
    asked = entry("com.example.files", asked=[FILES])
    seen = looked(["com.example.files"], asked)
    assert (seen.others, [gap.part for gap in seen.gaps]) == (None, ["others"])
    both = looked(["com.example.files", "com.example.bank"], asked, entry("com.example.bank", held={IMAGES: True}))
    assert both.others == 1


def test_a_system_mark_counts_only_where_no_line_is_missing() -> None:
    camera = entry("com.example.system", system=True).splitlines(keepends=True)
    merged = entry("com.example.bank", held={IMAGES: True}) + "".join(camera[1:])
    assert looked(["com.example.bank"], merged).others != 0


@pytest.mark.parametrize("text", NONSENSE)
def test_a_dump_that_is_none_leaves_every_app_unseen(text: str) -> None:
    seen = probe(recorded_phone({PACKAGES: listing(FACEBOOK), APPS: text}))
    assert (seen.social, seen.others) == ((Reader(app=Social.FACEBOOK, reach=None),), None)
    assert {gap.part for gap in seen.gaps} == {"others", Social.FACEBOOK}
    assert len({gap.why for gap in seen.gaps}) == 1


@pytest.mark.parametrize("text", NONSENSE)
def test_a_list_that_is_none_may_hide_apps(text: str) -> None:
    seen = probe(recorded_phone({PACKAGES: text, APPS: dump()}))
    assert [gap.part for gap in seen.gaps] == ["apps"]
    assert judge(seen, Limits()).status is Status.UNKNOWN


def test_a_refusal_is_an_error_and_names_no_app_as_safe() -> None:
    host = recorded_phone({PACKAGES: listing(FACEBOOK), APPS: Output(exit_code=0, stdout="", stderr=NONSENSE[0])})
    assert Gap(part=Social.FACEBOOK, why=Why.NOT_PERMITTED, detail="java.lang.SecurityException") in probe(host).gaps
    assert status(CHECK, probe, host) is Status.ERROR


def test_line_ends_of_a_terminal_change_nothing() -> None:
    app = entry(FACEBOOK, held={IMAGES: True})
    host = recorded_phone({PACKAGES: listing(FACEBOOK).replace("\n", "\r\n"), APPS: dump(app).replace("\n", "\r\n")})
    assert probe(host) == looked([FACEBOOK], app)


@given(st.text(), st.text(), st.text())
def test_any_text_gives_a_fact_that_is_no_pass(listed: str, dumped: str, shared: str) -> None:
    host = recorded_phone({PACKAGES: listed, APPS: dumped, SHARED_USERS: shared})
    assert judge(probe(host), Limits()).status is Status.UNKNOWN


@given(st.text(alphabet="Packge[com.fbk]: \nUser0installed=true granted"))
def test_any_text_behind_a_dump_makes_nothing_better(rest: str) -> None:
    app = entry(FACEBOOK, held={IMAGES: True})
    host = recorded_phone({PACKAGES: listing(FACEBOOK), APPS: dump(app) + rest})
    assert status(CHECK, probe, host) is not Status.PASS


LONE_LINE = {"android12-all-files-asked", "android8-dump-cut"}
"""One line is all that there is to see of the fault: of this line nobody can tell that it is missing."""


@pytest.mark.parametrize("folder", cases("photos"), ids=lambda one: one.name)
def test_damage_never_makes_a_pass(folder: Path) -> None:
    if status(CHECK, probe, load(str(folder), LocalHost())) is Status.PASS:
        assert any(status(CHECK, probe, host) is not Status.PASS for host in cut(folder))
        return
    assert not [host for host in cut(folder) if status(CHECK, probe, host) is Status.PASS]
    if folder.name not in LONE_LINE:
        assert not [host for host in gappy(folder) if status(CHECK, probe, host) is Status.PASS]


@pytest.mark.parametrize("behind", [{}, {PACKAGES: listing(), APPS: dump()}, {APPS: Why.TIMED_OUT}])
def test_the_planted_app_is_found_on_any_phone(behind: dict) -> None:
    folder = CANARIES / "android" / "canary" / "photo_access"
    verdict = judge(probe(planted(CANARY, folder, recorded_phone(behind), source=LocalHost())), Limits())
    assert verdict.status is Status.FAIL
    assert CANARY.reason in {point.reason for point in verdict.points}


def test_every_app_that_the_check_names_is_known_here() -> None:
    assert set(SOCIAL.values()) == set(Social)
    assert set(CLOUDS.values()) == set(Cloud)
    assert not SOCIAL.keys() & CLOUDS.keys()


@pytest.mark.parametrize("folder", cases("photos"), ids=lambda one: one.name)
def test_lines_that_stay_on_the_phone_are_not_needed(folder: Path) -> None:
    host = load(str(folder), LocalHost())
    assert status(CHECK, probe, sifted(folder)) is status(CHECK, probe, host)
    if "refused" not in folder.name:
        assert probe(sifted(folder)) == probe(host)


@pytest.mark.parametrize("level", [26, 30, 33, 36])
def test_the_planted_app_is_found_on_every_android(level: int) -> None:
    folder = CANARIES / "android" / "canary" / "photo_access"
    behind = recorded_phone({PROPERTIES: f"[ro.build.version.sdk]: [{level}]\n"})
    verdict = judge(probe(planted(CANARY, folder, behind, source=LocalHost())), Limits())
    assert verdict.status is Status.FAIL
