"""Apps and their permissions from a dump of all packages, Android 8 to 16, whole and in pieces."""

import re
from contextlib import suppress

import pytest
from fakes import recorded_phone
from hypothesis import given
from hypothesis import strategies as st

from agent.collect.android.apps import App, Sees, apps, parse
from agent.collect.android.commands import APP_LINES, APPS, PROPERTIES, SHARED_USERS
from agent.collect.host import CollectError
from checks.evidence import Why

ANDROID_8 = """Packages:
  Package [org.example.camera] (4fa1b2c):
    userId=10061
    pkg=Package{4fa1b2c org.example.camera}
    flags=[ SYSTEM HAS_CODE ALLOW_CLEAR_USER_DATA ]
    requested permissions:
      android.permission.CAMERA
      android.permission.READ_EXTERNAL_STORAGE
      android.permission.INTERNET
    install permissions:
      android.permission.INTERNET: granted=true
    User 0: ceDataInode=1245 installed=true hidden=false suspended=false stopped=false notLaunched=false enabled=0
      gids=[3003]
      runtime permissions:
        android.permission.READ_EXTERNAL_STORAGE: granted=false, flags=[ USER_SET ]
        android.permission.CAMERA: granted=true, flags=[ GRANTED_BY_DEFAULT ]
"""
ANDROID_12 = """Packages:
  Package [org.example.share] (77aa0):
    userId=10200
    pkg=Package{77aa0 org.example.share}
    codePath=/data/app/~~ab==/org.example.share-cd==
    pkgFlags=[ HAS_CODE ALLOW_BACKUP ]
    privatePkgFlags=[ PRIVATE_FLAG_ACTIVITIES_RESIZE_MODE_RESIZEABLE ]
    declared permissions:
      org.example.share.PUSH: prot=signature, INSTALLED
    requested permissions:
      android.permission.READ_EXTERNAL_STORAGE: restricted=true
      android.permission.MANAGE_EXTERNAL_STORAGE
    install permissions:
      org.example.share.PUSH: granted=true
    User 0: ceDataInode=99 installed=true hidden=false suspended=false distractionFlags=0 stopped=false enabled=3 instant=false
      runtime permissions:
        android.permission.READ_EXTERNAL_STORAGE: granted=false, flags=[ USER_SET|USER_SENSITIVE_WHEN_GRANTED]
    User 10: ceDataInode=0 installed=true hidden=false suspended=false distractionFlags=0 stopped=true enabled=0 instant=false
      runtime permissions:
        android.permission.READ_EXTERNAL_STORAGE: granted=true, flags=[ USER_SET]

Hidden system packages:
  Package [org.example.share] (11bb2):
    pkgFlags=[ SYSTEM HAS_CODE ]
    requested permissions:
      android.permission.READ_EXTERNAL_STORAGE
    User 0: ceDataInode=0 installed=true hidden=false enabled=0
      runtime permissions:
        android.permission.READ_EXTERNAL_STORAGE: granted=true
"""  # noqa: E501
ANDROID_16 = """Packages:
  Package [org.example.photos] (c0ffee):
    appId=10311
    pkg=Package{c0ffee org.example.photos}
    pkgFlags=[ HAS_CODE ]
    requested permissions:
      android.permission.READ_MEDIA_IMAGES
      android.permission.READ_MEDIA_VIDEO
      android.permission.READ_MEDIA_VISUAL_USER_SELECTED
    install permissions:
    User 11: ceDataInode=0 installed=false hidden=false suspended=false enabled=1 instant=false quarantined=false
      runtime permissions:
        android.permission.READ_MEDIA_IMAGES: granted=true, flags=[ USER_SET]
    User 0: ceDataInode=31 installed=true hidden=false suspended=false enabled=1 instant=false quarantined=false
      installReason=4
      runtime permissions:
        android.permission.READ_MEDIA_IMAGES: granted=false, flags=[ USER_SET|ONE_TIME]
        android.permission.READ_MEDIA_VIDEO: granted=false, flags=[ USER_SET]
        android.permission.READ_MEDIA_VISUAL_USER_SELECTED: granted=true, flags=[ USER_SET]
"""
SHARED = """Packages:
  Package [com.example.one] (1):
    sharedUser=SharedUserSetting{abc org.example.shared/10077}
    requested permissions:
      android.permission.READ_EXTERNAL_STORAGE
      android.permission.CAMERA
    User 0: installed=true enabled=0
"""
GROUP = """Shared users:
  SharedUser [org.example.shared] (abc):
    userId=10077
    install permissions:
      android.permission.INTERNET: granted=true
    User 0:
      gids=[1015]
      runtime permissions:
        android.permission.READ_EXTERNAL_STORAGE: granted=true
        android.permission.CAMERA: granted=false
    User 10:
      runtime permissions:
        android.permission.CAMERA: granted=true
"""


def read(text: str, shared: str | Why = Why.TIMED_OUT, *, level: str = "36") -> dict[str, App]:
    sdk = f"[ro.build.version.sdk]: [{level}]\n"
    return dict(apps(recorded_phone({APPS: text, SHARED_USERS: shared, PROPERTIES: sdk})))


def sifted(text: str) -> str:
    """What the phone sends of a dump."""
    keep = re.compile(APP_LINES)
    return "".join(f"{line}\n" for line in text.splitlines() if keep.search(line))


EVERY = pytest.mark.parametrize("sift", [False, True], ids=["whole", "sifted"])


def told(text: str, sift: bool) -> dict[str, App]:
    return read(sifted(text) if sift else text)


@EVERY
def test_android_8_is_read(sift: bool) -> None:
    app = told(ANDROID_8, sift)["org.example.camera"]
    assert (app.system, app.installed, app.enabled, app.runs, app.whole) == (True, True, True, True, True)
    assert (app.holds("CAMERA"), app.holds("READ_EXTERNAL_STORAGE")) == (True, False)
    assert app.holds("READ_MEDIA_IMAGES") is False
    assert app.pictures is Sees.NONE


@EVERY
def test_an_update_counts_and_neither_its_older_self_nor_another_user(sift: bool) -> None:
    app = told(ANDROID_12, sift)["org.example.share"]
    assert (app.system, app.installed, app.enabled, app.runs) == (False, True, False, False)
    assert app.holds("READ_EXTERNAL_STORAGE") is False
    assert app.pictures is None, "all-files access is granted elsewhere"


@EVERY
def test_users_may_come_in_any_order(sift: bool) -> None:
    app = told(ANDROID_16, sift)["org.example.photos"]
    assert (app.installed, app.enabled, app.runs) == (True, True, True)
    assert (app.holds("READ_MEDIA_IMAGES"), app.pictures) == (False, Sees.CHOSEN)


@EVERY
def test_permissions_of_a_shared_user_stand_with_the_group(sift: bool) -> None:
    group = sifted(GROUP) if sift else GROUP
    app = read(sifted(SHARED) if sift else SHARED, group, level="31")["com.example.one"]
    assert (app.holds("READ_EXTERNAL_STORAGE"), app.holds("CAMERA"), app.pictures) == (True, False, Sees.ALL)


@pytest.mark.parametrize(
    "group", ["", "Shared users:\n", GROUP.replace("org.example.shared", "org.other"), Why.TIMED_OUT]
)
def test_a_group_that_was_not_read_leaves_its_apps_unseen(group: str | Why) -> None:
    app = read(SHARED, group)["com.example.one"]
    assert (app.holds("READ_EXTERNAL_STORAGE"), app.holds("CAMERA"), app.pictures) == (None, None, None)


def test_where_an_app_and_its_group_disagree_it_holds_the_permission() -> None:
    own = SHARED + "      runtime permissions:\n        android.permission.READ_EXTERNAL_STORAGE: granted=true\n"
    group = GROUP.replace("READ_EXTERNAL_STORAGE: granted=true", "READ_EXTERNAL_STORAGE: granted=false")
    assert read(own, group, level="31")["com.example.one"].holds("READ_EXTERNAL_STORAGE") is True


@pytest.mark.parametrize(
    ("granted", "requested", "wanted"),
    [
        ({"READ_MEDIA_IMAGES": True}, set(), Sees.ALL), ({"READ_EXTERNAL_STORAGE": True}, set(), Sees.ALL),
        ({"MANAGE_EXTERNAL_STORAGE": True}, set(), Sees.ALL), ({"MANAGE_EXTERNAL_STORAGE": False}, set(), Sees.NONE),
        ({"MANAGE_EXTERNAL_STORAGE": False}, {"MANAGE_EXTERNAL_STORAGE"}, None), ({}, {"READ_MEDIA_IMAGES"}, None),
        ({}, {"READ_EXTERNAL_STORAGE"}, None), ({}, set(), Sees.NONE), ({}, {"CAMERA"}, Sees.NONE),
        ({"READ_MEDIA_VISUAL_USER_SELECTED": True, "READ_MEDIA_IMAGES": False}, set(), Sees.CHOSEN),
        ({"READ_MEDIA_VISUAL_USER_SELECTED": True, "READ_MEDIA_IMAGES": True}, set(), Sees.ALL),
        ({"READ_MEDIA_VISUAL_USER_SELECTED": False, "READ_MEDIA_IMAGES": False}, set(), Sees.NONE),
    ],
)  # fmt: skip
def test_how_much_an_app_sees(granted: dict[str, bool], requested: set[str], wanted: Sees | None) -> None:
    assert App(name="x", granted=granted, requested=requested).pictures is wanted


@pytest.mark.parametrize(
    ("state", "installed", "enabled", "runs"),
    [
        ("installed=true enabled=0", True, True, True), ("installed=true enabled=1", True, True, True),
        ("installed=true enabled=2", True, False, False), ("installed=true enabled=3", True, False, False),
        ("installed=true enabled=4", True, False, False), ("installed=false enabled=0", False, True, False),
        ("installed=true", True, None, None), ("enabled=0", None, True, None), ("", None, None, None),
        ("installed=tru", None, None, None), ("installed=true enabled=", True, None, None),
        ("notinstalled=true enabled=0", None, True, None),
    ],
)  # fmt: skip
def test_the_state_for_the_owner(state: str, installed: bool | None, enabled: bool | None, runs: bool | None) -> None:
    app = read(f"Packages:\n  Package [a.b] (1):\n    User 0: ceDataInode=1 {state}\n")["a.b"]
    assert (app.installed, app.enabled, app.runs) == (installed, enabled, runs)


MODERN = """Packages:
  Package [a.b] (1):
    requested permissions:
      android.permission.READ_EXTERNAL_STORAGE
      android.permission.READ_MEDIA_IMAGES
      android.permission.READ_MEDIA_VIDEO
      android.permission.READ_MEDIA_VISUAL_USER_SELECTED
    User 0: installed=true enabled=0
      runtime permissions:
        android.permission.READ_EXTERNAL_STORAGE: granted=false
"""
IMAGES = "        android.permission.READ_MEDIA_IMAGES: granted=false\n"


@pytest.mark.parametrize(
    ("level", "more", "wanted"),
    [
        ("26", "", Sees.NONE), ("32", "", Sees.NONE), ("33", "", None), ("33", IMAGES, Sees.NONE),
        ("34", IMAGES, None), ("", "", None),
    ],
)  # fmt: skip
def test_a_permission_that_this_android_does_not_know_is_not_missed(level: str, more: str, wanted: Sees | None) -> None:
    assert read(MODERN + more, level=level)["a.b"].pictures is wanted


@pytest.mark.parametrize(("level", "wanted"), [("29", Sees.NONE), ("30", None)])
def test_access_to_all_files_is_known_from_android_11_on(level: str, wanted: Sees | None) -> None:
    text = MODERN.replace("READ_MEDIA_IMAGES", "MANAGE_EXTERNAL_STORAGE")
    assert read(text, level=level)["a.b"].pictures is wanted


PAIR = """Packages:
  Package [a.first] (1):
    requested permissions:
      android.permission.READ_MEDIA_IMAGES
    User 0: installed=true enabled=0
      runtime permissions:
        android.permission.READ_MEDIA_IMAGES: granted=true
    User 10: installed=true enabled=0
  Package [b.second] (2):
    requested permissions:
      android.permission.READ_MEDIA_IMAGES
    User 0: installed=true enabled=3
      runtime permissions:
        android.permission.READ_MEDIA_IMAGES: granted=false
    User 10: installed=true enabled=0
"""


def test_an_app_whose_neighbour_lost_its_name_is_not_whole() -> None:
    app = read(PAIR.replace("  Package [b.second] (2):\n", ""))["a.first"]
    assert (app.whole, app.installed, app.enabled, app.runs) == (False, None, None, None)
    assert app.holds("READ_MEDIA_IMAGES") is True
    assert (app.holds("CAMERA"), app.holds("READ_MEDIA_VIDEO")) == (None, None)


def test_an_app_of_which_a_user_is_missing_is_not_whole() -> None:
    first, _, second = PAIR.rpartition("    User 10: installed=true enabled=0\n")
    found = read(first + second)
    assert (found["a.first"].whole, found["b.second"].whole) == (True, False)
    assert found["b.second"].pictures is None


@pytest.mark.parametrize("lost", PAIR.splitlines(keepends=True)[1:])
def test_a_lost_line_never_takes_a_permission_away(lost: str) -> None:
    app = read(PAIR.replace(lost, "", 1)).get("a.first")
    assert app is None or app.pictures in (Sees.ALL, None)


def test_an_older_self_whose_title_was_lost_changes_nothing() -> None:
    assert read(ANDROID_12.replace("Hidden system packages:\n", "")) == read(ANDROID_12)


@pytest.mark.parametrize("text", [ANDROID_8, ANDROID_12, ANDROID_16, PAIR])
def test_a_dump_that_was_cut_never_shows_less_access_than_the_whole(text: str) -> None:
    whole = read(text)
    rank = {Sees.NONE: 0, Sees.CHOSEN: 1, Sees.ALL: 2}
    for end in range(len("Packages:\n  Package [x"), len(text)):
        try:
            cut = read(text[:end])
        except CollectError:
            continue
        for name, app in cut.items():
            known = whole.get(name)
            if known is None or known.pictures is None or app.runs is None or app.pictures is None:
                continue
            assert rank[app.pictures] >= rank[known.pictures], end


@pytest.mark.parametrize("text", ["Packages:\n", "Hidden system packages:\n  Package [a.b] (1):\n", "Paquetes:\n  x\n"])
def test_a_dump_without_apps_is_not_understood(text: str) -> None:
    with pytest.raises(CollectError) as caught:
        read(text)
    assert caught.value.why is Why.UNPARSABLE


def test_an_app_before_the_first_title_is_in_no_section() -> None:
    found = parse("  Package [x.y] (2):\nPackages:\n  Package [a.b] (1):\nQueries:\n  Package [c.d] (3):\n", "Packages")
    assert list(found) == ["a.b"]


@pytest.mark.parametrize(("level", "wanted"), [("32", False), ("33", None)])
def test_films_have_a_permission_of_their_own_from_android_13_on(level: str, wanted: bool | None) -> None:
    assert read(MODERN, level=level)["a.b"].holds("READ_MEDIA_VIDEO") is wanted


def test_lines_before_the_first_app_belong_to_none() -> None:
    assert parse("Packages:\n    User 0: installed=true\n  Package [a.b] (1):\n", "Packages") == {
        "a.b": App(name="a.b")
    }


@given(st.text(st.sampled_from("Packages:\n []()=User 0123.android.permission.CAMERA: granted=true")) | st.text())
def test_any_text_is_apps_or_a_reason(text: str) -> None:
    with suppress(CollectError):
        assert all(isinstance(one, App) for one in parse(f"Packages:\n{text}", "Packages").values())


@pytest.mark.parametrize("piece", ["a", " ", "User 0: ", "installed=", "flags=[", "Package [", "permission."])
def test_a_million_characters_on_one_line_are_read_in_passing(piece: str) -> None:
    long = piece * (1_000_000 // len(piece))
    found = parse(f"Packages:\n  Package [a.b] (1):\n    {long}\n    User 0: {long}\n", "Packages")
    assert list(found) == ["a.b"]


def lone(held: dict[str, bool], *, target: int | None, level: int) -> App:
    """One app with these permissions, made for that Android, on a phone with this one."""
    head = "" if target is None else f"    versionCode=7 minSdk=21 targetSdk={target}\n"
    asked = "".join(f"      android.permission.{one}\n" for one in held)
    rights = "".join(f"        android.permission.{one}: granted={str(had).lower()}\n" for one, had in held.items())
    text = f"Packages:\n  Package [a.b] (1):\n{head}    requested permissions:\n{asked}"
    return read(sifted(f"{text}    User 0: installed=true enabled=0\n{rights}"), level=str(level))["a.b"]


OLD, OLD_WRITE, IMAGES_ONLY = "READ_EXTERNAL_STORAGE", "WRITE_EXTERNAL_STORAGE", "READ_MEDIA_IMAGES"


@pytest.mark.parametrize(
    ("level", "target", "held", "wanted"),
    [
        (33, 33, {OLD: True, IMAGES_ONLY: False}, Sees.NONE), (36, 34, {OLD: True}, Sees.NONE),
        (33, 32, {OLD: True, IMAGES_ONLY: False}, Sees.ALL), (33, None, {OLD: True, IMAGES_ONLY: False}, None),
        (32, 33, {OLD: True}, Sees.ALL), (33, 33, {OLD: True, IMAGES_ONLY: True}, Sees.ALL),
        (26, 25, {OLD: False, OLD_WRITE: True}, Sees.ALL), (29, 33, {OLD: False, OLD_WRITE: True}, Sees.ALL),
        (30, 29, {OLD: False, OLD_WRITE: True}, Sees.ALL), (30, 30, {OLD: False, OLD_WRITE: True}, Sees.NONE),
        (34, 34, {IMAGES_ONLY: False, OLD_WRITE: True}, Sees.NONE), (30, None, {OLD: False, OLD_WRITE: True}, Sees.ALL),
        (33, None, {OLD: False, IMAGES_ONLY: False}, Sees.NONE),
    ],
)  # fmt: skip
def test_a_permission_without_force_is_left_out_where_phone_and_app_are_new_enough(
    level: int, target: int | None, held: dict[str, bool], wanted: Sees | None
) -> None:
    assert lone(held, target=target, level=level).pictures is wanted


def test_what_an_app_lacks_is_unseen_where_its_group_was_not_read() -> None:
    app = read(SHARED)["com.example.one"]
    assert (app.holds("ACCESS_FINE_LOCATION"), app.holds("READ_MEDIA_IMAGES")) == (None, None)
    assert app.whole is True
    assert read(SHARED, GROUP)["com.example.one"].holds("ACCESS_FINE_LOCATION") is False


@pytest.mark.parametrize(
    ("state", "installed"),
    [
        ("installed=true hidden=true", False), ("installed=true hidden=false", True),
        ("installed=false hidden=false", False), ("hidden=true", None),
        ("installed=true hidden=false suspended=true quarantined=true stopped=true notLaunched=true", True),
    ],
)  # fmt: skip
def test_an_app_that_an_owner_of_the_phone_hid_is_not_there_and_a_suspended_one_is(
    state: str, installed: bool | None
) -> None:
    app = read(f"Packages:\n  Package [a.b] (1):\n    User 0: ceDataInode=1 {state} enabled=0\n")["a.b"]
    assert app.installed is installed


def test_of_two_androids_that_an_app_was_made_for_the_older_counts() -> None:
    newer, older = (f"    versionCode=1 minSdk=21 targetSdk={level}\n" for level in (34, 31))
    for lines in (newer + older, older + newer):
        assert read(f"Packages:\n  Package [a.b] (1):\n{lines}    User 0: installed=true\n")["a.b"].made_for == 31
