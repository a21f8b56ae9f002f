"""Android enrolments: owners, admins and finders, what hides them, and the planted ones."""

import contextlib
from pathlib import Path

import pytest
from fakes import recorded_phone
from hypothesis import given
from hypothesis import strategies as st

from agent.collect.android import remote_wipe
from agent.collect.android.commands import ACCOUNTS, DEVICE_POLICY, DISABLED, OWNERS, PACKAGES, PROPERTIES, SETTINGS
from agent.collect.android.remote_wipe import CANARY, probe
from agent.collect.android.remote_wipe_owners import Management, parse, parse_listed
from agent.collect.android.remote_wipe_products import AGENTS, FAMILIES, FINDERS, NO_MANAGEMENT, product
from agent.collect.host import CollectError, Command, LocalHost, Output
from agent.collect.layered import planted
from agent.collect.recorded import load
from checks.evidence import Why
from checks.model import Platform, Status
from checks.remote_wipe.check import Limits, judge
from checks.remote_wipe.fact import Enrolment, Lack, Product, Reach, RemoteWipe

RECORDINGS = Path(__file__).parents[2] / "recordings" / "android" / "wipe"
CASES = sorted(RECORDINGS.iterdir())
PLANTED = Path(remote_wipe.__file__).parent / "canary" / "remote_wipe"
EVERYTHING = Limits(accepted=tuple(Product))
SECURE = SETTINGS["secure"]
APPS = ("android", "com.android.shell", "com.android.phone", "com.android.systemui", "com.google.android.gms")
NOBODY = "  Enabled Device Admins (User 0, provisioningState: 0):\n\n    mPasswordOwner=-1\n"


def admin(component: str, *powers: str, uid: int = 10100) -> str:
    listed = "".join(f"        {one}\n" for one in powers)
    head = f"    {component}:\n      uid={uid}\n      testOnlyAdmin=false\n"
    return f"{head}      policies:\n{listed}      isParent=false\n"


def admins(*texts: str, user: int = 0) -> str:
    return f"  Enabled Device Admins (User {user}, provisioningState: 3):\n{''.join(texts)}\n    mPasswordOwner=-1\n"


def owner(header: str, component: str, *lines: str) -> str:
    below = "".join(f"    {one}\n" for one in lines)
    return f"  {header}:\n    admin=ComponentInfo{{{component}}}\n{below}\n"


def phone(
    policy: str | Output | Why = NOBODY,
    *,
    apps: tuple[str, ...] = (),
    off: tuple[str, ...] = (),
    accounts: tuple[str, ...] = ("com.google",),
    **others: str | Output | Why,
) -> RemoteWipe:
    rows = "".join(f"    Account {{name=a, type={one}}}\n" for one in accounts)
    answers: dict[Command, str | Output | Why] = {
        DEVICE_POLICY: policy,
        PACKAGES: others.get("packages", "".join(f"package:{one}\n" for one in (*APPS, *apps))),
        DISABLED: others.get("disabled", "".join(f"package:{one}\n" for one in off)),
        ACCOUNTS: others.get("dump", f"User UserInfo{{0:Owner:13}}:\n  Accounts: {len(accounts)}\n{rows}"),
        SECURE: others.get("secure", "location_mode=3\n"),
        OWNERS: others.get("owners", Why.NOT_RECORDED),
        PROPERTIES: others.get("properties", "[ro.build.version.sdk]: [29]\n"),
    }
    return probe(recorded_phone(answers))


def of(seen: RemoteWipe, wanted: Product) -> Enrolment | None:
    return next((one for one in seen.enrolments if one.product is wanted), None)


def reach(seen: RemoteWipe, wanted: Product) -> Reach | str | None:
    one = of(seen, wanted)
    return "not there" if one is None else one.reach


def gaps(seen: RemoteWipe) -> dict[str, Why]:
    return {gap.part: gap.why for gap in seen.gaps}


def test_a_bare_phone_has_its_finder_alone() -> None:
    seen = phone()
    assert (seen.platform, seen.gaps) == (Platform.ANDROID, ())
    assert seen.enrolments == (Enrolment(product=Product.GOOGLE_FIND_HUB, enrolled=None, finder=True),)


SOTI, AGENT = "net.soti.mobicontrol/.Admin", "org.example.agent/.Admin"
OWNERS_TABLE = [
    ("owner with its power", owner("Device Owner", SOTI) + admins(admin(SOTI, "wipe-data")), Reach.DEVICE),
    ("owner without it", owner("Device Owner", SOTI) + admins(admin(SOTI, "force-lock")), None),
    ("owner not listed", owner("Device Owner", SOTI).replace(":", ": ", 1) + NOBODY, None),
    ("owner elsewhere", owner("Device Owner", SOTI) + admins(admin("org.example/.A", "wipe-data")), None),
    ("old admin", admins(admin(SOTI, "wipe-data")), Reach.DEVICE),
    ("old admin without it", admins(admin(SOTI, "force-lock")), Reach.NOTHING),
    ("old admin, list cut", admins(admin(SOTI, "force-lock")).replace("    mPasswordOwner=-1\n", ""), None),
    ("work profile", owner("Profile Owner (User 10)", SOTI, "isOrganizationOwnedDevice=false") + NOBODY, Reach.PROFILE),
    ("work profile of Android 10", owner("Profile Owner (User 10)", SOTI, "canAccessDeviceIds=true") + NOBODY,
     Reach.PROFILE),
    ("organisation's", owner("Profile Owner (User 10)", SOTI, "isOrganizationOwnedDevice=true") + NOBODY
     + admins(admin(SOTI, "wipe-data", uid=1010100), user=10), Reach.DEVICE),
    ("organisation's without power", owner("Profile Owner (User 10)", SOTI, "isOrganizationOwnedDevice=true")
     + admins(admin(SOTI, "wipe-data")).replace(SOTI, AGENT), None),
    ("says both", owner("Profile Owner (User 10)", SOTI, "isOrganizationOwnedDevice=true",
     "isOrganizationOwnedDevice=false") + NOBODY, Reach.PROFILE),
    ("header alone", "  Device Owner: \n\n  Device Owner Type: -1\n" + NOBODY, "not there"),
    ("a name that looks like an owner", owner("Device Owner", AGENT, "name=x", f"admin=ComponentInfo{{{SOTI}}}")
     + NOBODY, "not there"),
    ("another user's admin", NOBODY + admins(admin(SOTI, "wipe-data", uid=1010100), user=10), "not there"),
    ("profile owner of the main user", owner("Profile Owner (User 0)", SOTI) + admins(admin(SOTI, "wipe-data")),
     Reach.DEVICE),
    ("profile owner of the main user without power", owner("Profile Owner (User 0)", SOTI)
     + admins(admin(SOTI, "force-lock")), Reach.NOTHING),
    ("lines beside a header alone", f"  Device Owner: \n  admin=ComponentInfo{{{SOTI}}}\n" + NOBODY, "not there"),
    ("powers that are not listed as such", admins(admin(SOTI, "force-lock").replace("policies:", "others:")), None),
    ("a parent's powers", admins(admin(SOTI, "force-lock") + "      parentAdmin:\n        uid=10100\n"
     "        policies:\n          wipe-data\n"), Reach.NOTHING),
    ("powers after their list", admins(admin(SOTI, "force-lock") + "        wipe-data\n"), Reach.NOTHING),
    ("no number of its app", admins(admin(SOTI, "wipe-data").replace("      uid=10100\n", "")), None),
    ("no list of powers", admins(admin(SOTI).replace("      policies:\n", "")), None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), [row[1:] for row in OWNERS_TABLE], ids=[row[0] for row in OWNERS_TABLE])
def test_an_owner_or_admin_reaches(text: str, wanted: Reach | str | None) -> None:
    assert reach(phone(text), Product.SOTI) == wanted


CONTRADICTIONS = [
    owner("Device Owner", SOTI) + owner("Device Owner", AGENT) + NOBODY,
    NOBODY + NOBODY,
    owner("Profile Owner (User 10)", SOTI) * 2 + NOBODY,
    admins(admin(SOTI) + admin(AGENT, "wipe-data").split("\n", 1)[1]),
    admins(admin(SOTI) + admin(AGENT, "wipe-data").split("\n", 2)[2]),
    admins(admin(SOTI, "wipe-data", uid=1010100)),
]


@pytest.mark.parametrize("text", CONTRADICTIONS)
def test_lines_that_went_missing_are_noticed(text: str) -> None:
    seen = phone(text)
    assert gaps(seen) == {"management": Why.UNPARSABLE}
    assert of(seen, Product.SOTI) is None


UNREAD = [
    NOBODY.replace("mPasswordOwner", "mPasswordTokenHandle"),
    admins(admin(AGENT).replace("      policies:\n", "")),
    admins(admin(AGENT).replace("      uid=10100\n", "")),
]


@pytest.mark.parametrize("text", UNREAD)
def test_a_list_of_admins_that_is_not_whole_hides_admins(text: str) -> None:
    assert gaps(phone(text)) == {"management": Why.UNPARSABLE}


def test_the_further_reaching_of_two_enrolments_counts() -> None:
    both = owner("Profile Owner (User 10)", SOTI, "isOrganizationOwnedDevice=false")
    assert reach(phone(both + admins(admin(SOTI, "wipe-data"))), Product.SOTI) is Reach.DEVICE
    assert reach(phone(both + admins(admin(SOTI, "force-lock"))), Product.SOTI) is Reach.PROFILE


@pytest.mark.parametrize(
    ("component", "wanted"),
    [
        ("com.google.android.gms/.mdm.receivers.MdmDeviceAdminReceiver", Product.GOOGLE_FIND_HUB),
        ("com.google.android.gms/.kids.account.receiver.ProfileOwnerReceiver", Product.FAMILY_LINK),
        ("com.google.android.gms.supervision/.Receiver", Product.FAMILY_LINK),
        ("org.example.agent/.MdmDeviceAdminReceiver", Product.OTHER),
        ("net.soti.mobicontrol.samsung/.Admin", Product.SOTI),
        ("net.soti.mobicontrolled/.Admin", Product.OTHER),
        ("com.rosan.dhizuku/.Admin", Product.PRIVILEGE_APP),
        ("com.samsung.android.kgclient/.agent.KGDeviceAdminReceiver", None),
    ],
)
def test_the_package_says_whose_it_is(component: str, wanted: Product | None) -> None:
    assert product(*component.split("/")) is wanted


def test_knox_guard_and_screen_lockers_are_nobodys_management() -> None:
    text = admins(admin("com.samsung.android.kgclient/.A", "wipe-data"), admin("org.example.focus/.A", "force-lock"))
    assert [one.product for one in phone(text).enrolments] == [Product.GOOGLE_FIND_HUB]


def test_an_agent_that_manages_nothing_is_named_unless_it_came_with_the_phone() -> None:
    apps = ("com.microsoft.windowsintune.companyportal", "com.google.android.apps.work.clouddpc", "com.rosan.dhizuku")
    seen = phone(apps=apps)
    assert [(one.product, one.enrolled) for one in seen.enrolments[:-1]] == [(Product.INTUNE, False)]


GMS, FMM = "com.google.android.gms", "com.samsung.android.fmm"
ARMED = admins(admin("com.google.android.gms/.mdm.receivers.MdmDeviceAdminReceiver", "wipe-data"))


def hub(**changes: object) -> tuple[bool | None, Lack | None]:
    one = of(phone(**changes), Product.GOOGLE_FIND_HUB)  # type: ignore[arg-type]  # a table's columns
    assert one is not None
    return one.enrolled, one.lack


def test_what_find_hub_needs() -> None:
    assert hub() == (None, None)
    assert hub(accounts=()) == (False, Lack.ACCOUNT)
    assert hub(accounts=("com.google.work",)) == (False, Lack.ACCOUNT)
    assert hub(off=(GMS,)) == (False, Lack.SERVICE)
    assert hub(secure="location_mode=0\n") == (False, Lack.LOCATION)
    assert hub(packages="".join(f"package:{one}\n" for one in (*APPS[:-1], "x"))) == (False, Lack.SERVICE)


def test_an_active_admin_of_googles_is_a_finder_that_is_on() -> None:
    assert hub(policy=ARMED) == (True, None)
    assert hub(policy=ARMED, secure="location_mode=0\n") == (True, None)
    assert hub(policy=ARMED, accounts=()) == (False, Lack.ACCOUNT)
    assert hub(policy=ARMED.replace("wipe-data", "force-lock")) == (None, None)


@pytest.mark.parametrize(("level", "armed"), [("32", True), ("33", None), ("", None)])
def test_newer_phones_keep_the_admin_of_a_finder_that_was_switched_off(level: str, armed: bool | None) -> None:
    properties = f"[ro.build.version.sdk]: [{level}]\n"
    assert hub(policy=ARMED, properties=properties) == (armed, None)
    assert hub(policy=ARMED, properties=properties, secure="location_mode=0\n")[0] is bool(armed)


@pytest.mark.parametrize(
    ("changes", "hidden"),
    [
        ({"dump": Why.TIMED_OUT}, {"google_find_hub": Why.TIMED_OUT}),
        ({"secure": "other=1\n"}, {"google_find_hub": Why.NOT_SAID}),
        ({"secure": "location_mode=on\n"}, {"google_find_hub": Why.UNPARSABLE}),
        ({"disabled": Why.TIMED_OUT}, {"google_find_hub": Why.TIMED_OUT}),
        ({"packages": Why.TIMED_OUT}, {"finders": Why.TIMED_OUT, "google_find_hub": Why.TIMED_OUT}),
        ({"packages": Why.TIMED_OUT, "accounts": ()}, {"finders": Why.TIMED_OUT}),
        ({"secure": Why.TIMED_OUT, "accounts": ()}, {}),
    ],
)
def test_what_hides_a_finder(changes: dict[str, object], hidden: dict[str, Why]) -> None:
    assert gaps(phone(**changes)) == hidden  # type: ignore[arg-type]  # a table's columns


def test_a_makers_finder_needs_its_own_account() -> None:
    assert of(phone(apps=(FMM,)), Product.SAMSUNG_FIND) == Enrolment(
        product=Product.SAMSUNG_FIND, enrolled=False, finder=True, lack=Lack.ACCOUNT
    )
    seen = of(phone(apps=(FMM,), accounts=("com.osp.app.signin",)), Product.SAMSUNG_FIND)
    assert seen == Enrolment(product=Product.SAMSUNG_FIND, enrolled=None, finder=True)
    gone = of(phone(apps=(FMM,), off=(FMM,)), Product.SAMSUNG_FIND)
    assert gone is not None
    assert gone.lack is Lack.SERVICE


def test_a_finder_whose_account_we_do_not_know_is_not_said_to_lack_one() -> None:
    seen = phone(apps=("com.vivo.findphone",), accounts=(), secure="location_mode=0\n")
    assert of(seen, Product.VIVO_FIND_PHONE) == Enrolment(product=Product.VIVO_FIND_PHONE, enrolled=None, finder=True)


REFUSALS = [
    ("Permission Denial: can't dump device_policy from from pid=1, uid=2000\n", Why.NOT_PERMITTED),
    ("java.lang.SecurityException: Shell does not have permission\n", Why.NOT_PERMITTED),
    ("Can't find service: device_policy\n", Why.TOOL_MISSING),
    ("*** SERVICE 'device_policy' DUMP TIMEOUT (10000ms) EXPIRED ***\n", Why.TIMED_OUT),
    ("\n", Why.UNPARSABLE),
    ("Estado actual\n", Why.UNPARSABLE),
]


@pytest.mark.parametrize(("text", "why"), REFUSALS)
def test_a_refusal_with_exit_status_0_hides_management(text: str, why: Why) -> None:
    assert gaps(phone(text)) == {"management": why}
    assert gaps(phone(Output(exit_code=0, stdout="", stderr=text))) == {"management": why}


LISTED = "1 owner:\n  User  0: admin=com.airwatch.androidagent/com.airwatch.Admin,DeviceOwner,Affiliated\n"
PROFILE = " User 10: admin=com.airwatch.androidagent/.A,ManagedProfileOwner(parentUserId=0)\n"


def test_owners_are_looked_up_where_the_dump_fails_and_their_powers_stay_hidden() -> None:
    for text in (LISTED, PROFILE):
        seen = phone(Why.TIMED_OUT, owners=text)
        assert of(seen, Product.WORKSPACE_ONE) == Enrolment(
            product=Product.WORKSPACE_ONE, enrolled=True, running=True, reach=None
        )
        assert gaps(seen) == {"management": Why.TIMED_OUT}
        assert judge(seen, EVERYTHING).status is Status.UNKNOWN


@pytest.mark.parametrize("text", ["Unknown command: list-owners\n", "usage: dpm\n", "", "1 owner:\n", "no owners\nx\n"])
def test_what_is_no_list_of_owners_is_not_believed(text: str) -> None:
    with pytest.raises(CollectError):
        parse_listed(text)


def test_each_owner_is_listed_with_its_user() -> None:
    both = parse_listed("2 owners:\n" + LISTED.split("\n")[1] + "\n" + PROFILE)
    assert [(one.user, one.package) for one in both.device_owners] == [(0, "com.airwatch.androidagent")]
    assert {user: one.receiver for user, one in both.profile_owners.items()} == {10: ".A"}


@pytest.mark.parametrize("text", ["", "Current Device Policy Manager state:\n", "  Device Owner: \n"])
def test_a_dump_without_owners_and_admins_is_not_understood(text: str) -> None:
    with pytest.raises(CollectError) as caught:
        parse(text)
    assert caught.value.why is Why.UNPARSABLE


def test_no_owners_is_an_answer() -> None:
    assert parse_listed("no owners\n") == Management()


def test_other_indentation_and_line_ends_change_nothing() -> None:
    text = owner("Device Owner", SOTI, "User ID: 0") + admins(admin(SOTI, "wipe-data"))
    assert phone(text.replace("\n", "\r\n")) == phone(text)
    assert phone("\n".join(line.removeprefix("  ") for line in text.split("\n"))) == phone(text)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=300), st.sampled_from([DEVICE_POLICY, OWNERS]))
def test_any_text_gives_owners_or_a_reason(text: str, command: Command) -> None:
    for reads in (parse, parse_listed):
        with contextlib.suppress(CollectError):
            assert isinstance(reads(text), Management)
    assert isinstance(probe(recorded_phone({command: text})), RemoteWipe)


@given(st.lists(st.sampled_from([*(admins(admin(SOTI, "wipe-data")) + owner("Device Owner", SOTI)).split("\n"), " "])))
def test_any_order_of_lines_gives_owners_or_a_reason(lines: list[str]) -> None:
    assert isinstance(phone("\n".join(lines)), RemoteWipe)


@pytest.mark.parametrize("unit", [" ", "a", "  Device Owner: ", "admin=ComponentInfo{", "a/", "  x/y:\n", "-", "User "])
def test_a_very_long_answer_is_read_in_time(unit: str) -> None:
    text = NOBODY + unit * (1_000_000 // len(unit))
    assert parse(text).admins.keys() == {0}
    with pytest.raises(CollectError):
        parse_listed(text)


def status_of(answers: dict[Command, str]) -> Status:
    return judge(probe(recorded_phone(dict(answers))), EVERYTHING).status


def recorded(folder: Path) -> dict[Command, str]:
    host = load(str(folder), LocalHost())
    found = {}
    for command in (DEVICE_POLICY, PACKAGES, DISABLED, ACCOUNTS, SECURE, OWNERS):
        try:
            found[command] = host.run(command).stdout
        except CollectError:
            continue
    return found


@pytest.mark.parametrize("folder", CASES, ids=lambda one: one.name)
def test_a_cut_or_missing_answer_never_makes_a_phone_pass(folder: Path) -> None:
    answers = recorded(folder)
    if status_of(answers) is Status.PASS:
        answers.pop(DEVICE_POLICY)
        assert status_of(answers) is not Status.PASS
        return
    for command, text in answers.items():
        lines = text.splitlines(keepends=True)
        for end in range(len(lines)):
            for changed in ("".join(lines[:end]), "".join(lines[:end] + lines[end + 1 :]), "".join(lines[end:])):
                assert status_of({**answers, command: changed}) is not Status.PASS, (command, end)
        assert status_of({key: value for key, value in answers.items() if key is not command}) is not Status.PASS


@pytest.mark.parametrize("folder", CASES, ids=lambda one: one.name)
def test_more_users_in_any_order_change_nothing(folder: Path) -> None:
    answers = recorded(folder)
    if "provisioningState" not in answers.get(DEVICE_POLICY, ""):
        answers = {DEVICE_POLICY: NOBODY}
    head, mark, tail = answers[DEVICE_POLICY].replace("\r", "").partition("  Enabled Device Admins")
    further = admins(admin(SOTI, "wipe-data", uid=9910100), user=99)
    assert status_of({**answers, DEVICE_POLICY: head + further + mark + tail}) is status_of(answers)


def test_every_agent_and_finder_is_named_once() -> None:
    assert not AGENTS.keys() & NO_MANAGEMENT
    assert set(FAMILIES) <= AGENTS.keys()
    names = [package for finder in FINDERS for package in finder.packages]
    assert len(set(names)) == len(names)


GOOD = {
    DEVICE_POLICY: owner("Device Owner", SOTI) + admins(admin(SOTI, "wipe-data")),
    OWNERS: LISTED,
    PACKAGES: "".join(f"package:{one}\n" for one in (*APPS, FMM, "com.vivo.findphone")),
    ACCOUNTS: "User UserInfo{0:a:13}:\n  Accounts: 1\n    Account {name=a, type=com.google}\n",
    SECURE: "location_mode=3\n",
}


@pytest.mark.parametrize("answers", [{}, GOOD, dict.fromkeys(GOOD, Why.TIMED_OUT)], ids=["empty", "good", "refusing"])
def test_the_planted_enrolment_is_found_on_any_phone(answers: dict[Command, str]) -> None:
    host = planted(CANARY, PLANTED, recorded_phone(answers), source=LocalHost())
    verdict = judge(probe(host), EVERYTHING)
    assert verdict.status is Status.FAIL
    assert CANARY.reason in [point.reason for point in verdict.points]
