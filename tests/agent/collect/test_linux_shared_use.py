"""Linux counts the people who can sign in, and sees whether a guest can."""

import contextlib
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from fakes import recorded_host
from hypothesis import given
from hypothesis import strategies as st

from agent.collect.host import CollectError, Host, LocalHost
from agent.collect.layered import PlantedHost
from agent.collect.linux import shared_use, shared_use_accounts, shared_use_guest
from checks.evidence import Why
from checks.model import Status
from checks.shared_use.check import CHECK, Limits
from checks.shared_use.fact import SharedUse

SYSTEM = (
    "root:x:0:0:root:/root:/bin/bash\nsync:x:4:65534:sync:/bin:/bin/sync\n"
    "postgres:x:101:104::/var/lib/postgresql:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"
)
CLIN = "clin:x:1000:1000:,,,:/home/clin:/bin/bash\n"
GUEST_PROGRAM = "/usr/sbin/guest-account"
CONF = "/etc/lightdm/lightdm.conf"
GSETTINGS = ("gsettings", "list-recursively", "org.gnome.desktop.notifications")
CANARIES = Path(shared_use.__file__).parent / "canary" / "shared_use"


def laptop(files: Mapping[str, Any] | None = None, **more: Any) -> Host:
    """A laptop with one person and no guest."""
    return recorded_host(files={"/etc/passwd": SYSTEM + CLIN, **(files or {})}, **more)


def why(call: Callable[[], object]) -> Why:
    with pytest.raises(CollectError) as caught:
        call()
    return caught.value.why


def gaps(seen: SharedUse) -> dict[str, Why]:
    return {gap.part: gap.why for gap in seen.gaps}


# People


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ("", 1),
        ("\n# a comment\n+::::::\n-someone\n", 1),
        ("b:x:1001:1001::/home/b:/bin/zsh\n", 2),
        ("b:x:1001:1001::/home/b:\n", 2),
        ("b:x:1001:1001::/home/b:/usr/sbin/nologin\n", 1),
        ("b:x:1001:1001::/home/b:/bin/false\n", 1),
        ("b:x:60000:100::/home/b:/bin/sh\n", 2),
        ("b:x:60001:100::/home/b:/bin/sh\n", 1),
        ("b:x:999:100::/home/b:/bin/sh\n", 1),
        ("clin:x:1000:1000:again:/home/clin:/bin/bash\n", 1),
    ],
)
def test_only_accounts_of_people_are_counted(more: str, wanted: int) -> None:
    assert shared_use_accounts.people(laptop({"/etc/passwd": SYSTEM + CLIN + more})) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", (1000, 60000)), ("UID_MIN 500\nUID_MAX\t\t1000", (500, 1000)), ("#UID_MIN 5\nUID_MIN 7 # x\n", (7, 60000)),
        ("SYS_UID_MIN 100\nGID_MIN 1\n\n", (1000, 60000)),
    ],
)  # fmt: skip
def test_the_range_of_people_is_the_systems_own(text: str, wanted: tuple[int, int]) -> None:
    seen = shared_use_accounts.human_range(text)
    assert (seen.first, seen.last) == wanted


@pytest.mark.parametrize("text", ["UID_MIN", "UID_MIN many", "UID_MAX -1", "UID_MAX 99999999999"])
def test_an_odd_range_is_not_understood(text: str) -> None:
    assert why(lambda: shared_use_accounts.human_range(text)) is Why.UNPARSABLE
    assert why(lambda: shared_use_accounts.people(laptop({"/etc/login.defs": text}))) is Why.UNPARSABLE


def test_a_range_of_its_own_is_used() -> None:
    host = laptop({"/etc/login.defs": "UID_MIN 100\nUID_MAX 60000\n"})
    assert shared_use_accounts.people(host) == 2


@pytest.mark.parametrize(
    "text", ["", "\n\n", "garbage", "clin:x:1000:1000\n", "clin:x:one:1000:::/bin/sh", CLIN + "x" * 1_000_000]
)
def test_an_odd_account_list_is_not_understood(text: str) -> None:
    assert why(lambda: shared_use_accounts.people(laptop({"/etc/passwd": text}))) is Why.UNPARSABLE


@pytest.mark.parametrize("error", [Why.NOT_FOUND, Why.NOT_PERMITTED, Why.TOO_LARGE])
def test_an_account_list_that_cannot_be_read_is_a_gap(error: Why) -> None:
    seen = shared_use.probe(laptop({"/etc/passwd": error}))
    assert (seen.people, gaps(seen)["people"]) == (None, error)


def test_a_range_that_cannot_be_read_is_a_gap() -> None:
    assert gaps(shared_use.probe(laptop({"/etc/login.defs": Why.NOT_PERMITTED})))["people"] is Why.NOT_PERMITTED


def test_homes_with_an_account_inside_are_people() -> None:
    host = laptop(folders={"/home": ["b.home", "c.homedir", "d", "clin.homedir"]})
    assert shared_use_accounts.people(host) == 3


def test_homes_that_cannot_be_listed_are_a_gap() -> None:
    assert gaps(shared_use.probe(laptop(folders={"/home": Why.NOT_PERMITTED})))["people"] is Why.NOT_PERMITTED


def test_the_audited_account_counts_wherever_it_is_kept() -> None:
    assert shared_use_accounts.people(laptop({"/etc/passwd": SYSTEM})) == 1
    assert shared_use_accounts.people(laptop({"/etc/passwd": SYSTEM + CLIN.replace("clin", "b")})) == 2
    assert shared_use_accounts.people(laptop({"/etc/passwd": SYSTEM + CLIN.replace("1000", "500")})) == 1


def test_root_is_no_person() -> None:
    assert shared_use_accounts.people(laptop({"/etc/passwd": "clin:x:0:0::/root:/bin/bash\n"})) == 0


# Directories


@pytest.mark.parametrize("name", sorted(shared_use_accounts.SERVICES))
def test_a_running_directory_service_is_seen(name: str) -> None:
    assert shared_use_accounts.directory(laptop(processes=[{"name": name, "own": False}])) is True


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("passwd: files systemd\n", False), ("passwd: files sss\n", False), ("passwd:\tfiles ldap\n", True),
        ("  passwd: files winbind [NOTFOUND=return]\n", True), ("#passwd: files ldap\ngroup: files ldap\n", False),
        ("passwd: files aad\n", True), ("passwd: files oslogin cache_oslogin # x\n", True),
        ("passwd: files # ldap\n", False), ("passwd: files [!UNAVAIL=return SUCCESS=continue] systemd\n", False),
        ("garbage", False), ("", False),
    ],
)  # fmt: skip
def test_a_directory_is_named_as_a_source_of_accounts(text: str, wanted: bool) -> None:
    assert shared_use_accounts.directory(laptop({"/etc/nsswitch.conf": text})) is wanted


def test_the_old_form_of_a_directory_is_seen() -> None:
    assert shared_use_accounts.directory(laptop({"/etc/passwd": SYSTEM + CLIN + "+::::::\n"})) is True


def test_sources_that_cannot_be_read_are_a_gap() -> None:
    assert gaps(shared_use.probe(laptop({"/etc/nsswitch.conf": Why.NOT_PERMITTED})))["directory"] is Why.NOT_PERMITTED


# Guests


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        ({}, False),
        ({GUEST_PROGRAM: ""}, True),
        ({CONF: "[Seat:*]\nallow-guest=true\n"}, False),
        ({GUEST_PROGRAM: "", CONF: "[Seat:*]\nallow-guest=true\n"}, True),
        ({GUEST_PROGRAM: "", CONF: "[Seat:*]\nallow-guest = False\n"}, False),
        ({GUEST_PROGRAM: "", CONF: "[SeatDefaults]\nallow-guest=false\n"}, False),
        ({GUEST_PROGRAM: "", CONF: "[Seat:*]\n#allow-guest=false\n"}, True),
        ({GUEST_PROGRAM: "", CONF: "[LightDM]\nallow-guest=false\n"}, True),
        ({GUEST_PROGRAM: "", CONF: "[Seat:*]\nallow-guest=false\n[LightDM]\nallow-guest=true\n"}, False),
        ({GUEST_PROGRAM: "", CONF: "[Seat:*]\nallow-guest=false\n[Seat:seat0]\nallow-guest=1\n"}, True),
        ({GUEST_PROGRAM: "", CONF: "[Seat:*]\nallow-guest=false\n[Seat:seat0]\nallow-guest=false\n"}, False),
        ({GUEST_PROGRAM: "", CONF: "[Seat:*]\nallow-guest=false\nautologin-guest=true\n"}, True),
        ({GUEST_PROGRAM: "", CONF: "[Seat:*]\nallow-guest=false\nautologin-guest=false\n"}, False),
        ({GUEST_PROGRAM: "", f"{shared_use_guest.FOLDERS[0]}/a.conf": "[Seat:*]\nallow-guest=false"}, False),
        ({GUEST_PROGRAM: "", f"{shared_use_guest.FOLDERS[0]}/README": "[Seat:*]\nallow-guest=false"}, True),
        ({"/opt/guest": "", CONF: "[LightDM]\nguest-account-script=/opt/guest\n"}, True),
        ({GUEST_PROGRAM: "", CONF: "[LightDM]\nguest-account-script=/opt/guest\n"}, False),
        ({"/usr/bin/own-guest": "", CONF: "[LightDM]\nguest-account-script=own-guest\n"}, True),
    ],
)  # fmt: skip
def test_a_guest_needs_leave_and_a_program(files: Mapping[str, str], wanted: bool) -> None:
    assert shared_use_guest.guest(laptop(files)) is wanted


def test_what_lightdm_reads_later_wins() -> None:
    texts = [f"[Seat:*]\nallow-guest={value}\n" for value in ("true", "false")]
    paths = [f"{folder}/x.conf" for folder in shared_use_guest.FOLDERS] + [CONF]
    for earlier, later in pairwise(paths):
        assert shared_use_guest.guest(laptop({GUEST_PROGRAM: "", earlier: texts[0], later: texts[1]})) is False
        assert shared_use_guest.guest(laptop({GUEST_PROGRAM: "", earlier: texts[1], later: texts[0]})) is True


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"files": {CONF: Why.NOT_PERMITTED}}, Why.NOT_PERMITTED),
        ({"files": {CONF: "garbage"}}, Why.UNPARSABLE),
        ({"files": {CONF: "[Seat:*"}}, Why.UNPARSABLE),
        ({"files": {CONF: "Seat:*]"}}, Why.UNPARSABLE),
        ({"files": {"/etc/lightdm/lightdm.conf.d/a.conf": Why.UNREADABLE}}, Why.UNREADABLE),
        ({"folders": {"/etc/lightdm/lightdm.conf.d": Why.NOT_PERMITTED}}, Why.NOT_PERMITTED),
        ({"files": {GUEST_PROGRAM: Why.NOT_PERMITTED}}, Why.NOT_PERMITTED),
    ],
)
def test_settings_that_cannot_be_read_are_a_gap(more: dict[str, Any], reason: Why) -> None:
    seen = shared_use.probe(laptop(**more))
    assert (seen.guest, gaps(seen)["guest"]) == (None, reason)


# Notifications


def gnome(answer: Any, **environ: str) -> Host:
    return laptop(
        {"/usr/lib/x86_64-linux-gnu/gio/modules/libdconfsettings.so": ""},
        commands={GSETTINGS: answer},
        environ={"XDG_CURRENT_DESKTOP": "GNOME", **environ},
        processes=[{"name": "gnome-shell"}],
    )


@pytest.mark.parametrize(("word", "wanted"), [("true", True), ("false", False)])
def test_gnome_says_whether_notifications_show(word: str, wanted: bool) -> None:
    assert shared_use.previews(gnome(f"{GSETTINGS[2]} show-in-lock-screen {word}\n")) is wanted


def test_gnomes_word_counts_only_while_gnome_runs() -> None:
    """Another desktop may be named so."""
    host = laptop(
        {"/usr/lib/x86_64-linux-gnu/gio/modules/libdconfsettings.so": ""},
        commands={GSETTINGS: f"{GSETTINGS[2]} show-in-lock-screen false\n"},
        environ={"XDG_CURRENT_DESKTOP": "GNOME"},
    )
    assert gaps(shared_use.probe(host)) == {"previews": Why.NO_PROBE}


def test_defaults_of_the_memory_backend_are_no_answer() -> None:
    host = gnome(f"{GSETTINGS[2]} show-in-lock-screen false\n", GSETTINGS_BACKEND="memory")
    assert gaps(shared_use.probe(host)) == {"previews": Why.UNTRUSTED_CONTEXT}


def test_other_desktops_have_no_probe_for_notifications() -> None:
    assert gaps(shared_use.probe(laptop(environ={"XDG_CURRENT_DESKTOP": "KDE"}))) == {"previews": Why.NO_PROBE}


# The whole


def test_a_laptop_of_one_person_passes() -> None:
    assert CHECK.judge(shared_use.probe(laptop()), Limits()).status is Status.PASS


def test_a_machine_that_says_nothing_is_no_pass() -> None:
    for host in (recorded_host(), recorded_host(complete=False)):
        assert CHECK.judge(shared_use.probe(host), Limits()).status is Status.UNKNOWN


def test_no_name_gets_into_the_fact() -> None:
    seen = shared_use.probe(
        laptop({"/etc/passwd": CLIN + "drjones:x:1001:1001:Dr Jones:/home/drjones:/bin/sh\nbroken"})
    )
    assert "jones" not in repr(seen).lower()


@pytest.mark.parametrize(
    "behind", [recorded_host(), laptop(), recorded_host(complete=False), laptop({CONF: Why.NOT_PERMITTED})]
)
def test_the_canary_is_found_on_any_machine(behind: Host) -> None:
    planted = {path: str(CANARIES / name) for path, name in shared_use.CANARY.files.items()}
    verdict = CHECK.judge(shared_use.probe(PlantedHost(behind, planted, source=LocalHost())), Limits(max_people=50))
    assert verdict.status is Status.FAIL
    assert shared_use.CANARY.reason in [str(point.reason) for point in verdict.points]


def test_this_machine_answers() -> None:
    seen = shared_use.probe(LocalHost())
    assert not {"people", "directory", "guest"} & set(gaps(seen))


odd = st.text() | st.lists(
    st.sampled_from([CLIN, "UID_MIN", "[Seat:*]", "allow-guest=", "::::::", "=", "[]"]) | st.text()
).map("\n".join)  # fmt: skip


@pytest.mark.parametrize(
    "parser",
    [
        shared_use_accounts.parse,
        shared_use_accounts.human_range,
        lambda text: shared_use_guest.allowed(shared_use_guest.merged([text])),
        lambda text: shared_use_accounts.directory(laptop({"/etc/nsswitch.conf": text})),
    ],
)
@given(text=odd)
def test_any_text_is_an_answer_or_a_collect_error(parser: Callable[[str], object], text: str) -> None:
    with contextlib.suppress(CollectError):
        parser(text)
