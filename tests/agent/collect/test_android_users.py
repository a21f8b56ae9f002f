"""Users and profiles of a phone: the forms of both lists, what hides somebody, and the planted ones."""

import contextlib
from pathlib import Path

import pytest
from fakes import recorded_phone
from hypothesis import given
from hypothesis import strategies as st

from agent.collect.android import users
from agent.collect.android.commands import PROPERTIES, USER_STATES, USERS
from agent.collect.android.profiles import User, parse_dumped, parse_listed
from agent.collect.android.users import CANARY, is_person, probe, space_of
from agent.collect.host import CollectError, Command, LocalHost, Output
from agent.collect.layered import planted
from agent.collect.recorded import load
from checks.evidence import Why
from checks.makers import Maker
from checks.model import Status
from checks.users.check import Limits, judge
from checks.users.fact import Space, Users

RECORDINGS = Path(__file__).parents[2] / "recordings" / "android" / "users"
CASES = sorted(RECORDINGS.iterdir())
PLANTED = Path(users.__file__).parent / "canary" / "users"
ALLOWED = Limits(allowed_profiles=tuple(Space))
OWNER = "0:Owner:4c13"


def listed(*rows: str) -> str:
    return "Users:\n" + "".join(f"\tUserInfo{{{row}}}\n" for row in rows)


def dumped(*rows: str, mark: str = "") -> str:
    """A row may name its kind after a comma."""
    text = "Current user: 0\n\nUsers:\n"
    for row in rows:
        info, _, kind = row.partition(",")
        text += f"  UserInfo{{{info}}} serialNo={info.split(':')[0]} isPrimary=false{mark}\n"
        text += f"    Type: android.os.usertype.{kind}\n    State: -1\n" if kind else "    State: -1\n"
    return text + "\n  Max users: 4\n"


def phone(*rows: str, **others: str | Output | Why) -> Users:
    answers: dict[Command, str | Output | Why] = {
        USERS: others.get("listing", listed(*(row.partition(",")[0] for row in rows))),
        USER_STATES: others.get("states", dumped(*rows)),
    }
    if "properties" in others:
        answers[PROPERTIES] = others["properties"]
    return probe(recorded_phone(answers))


def gaps(seen: Users) -> list[tuple[str, Why]]:
    return [(gap.part, gap.why) for gap in seen.gaps]


def test_the_owner_alone() -> None:
    seen = phone(OWNER)
    assert seen == Users(people=1, guest=False, spaces=(), all_listed=True, maker=None)


KINDS = [
    ("10:Work:30", Space.WORK_PROFILE),
    ("10:Work:1030", Space.WORK_PROFILE),
    ("10:Work:10b0", Space.WORK_PROFILE),
    ("10:Trabajo:1010,profile.MANAGED", Space.WORK_PROFILE),
    ("95:DUAL_APP:20001010", Space.CLONE),
    ("96:DUAL_APP:20000030", Space.CLONE),
    ("999:XSpace:800010", Space.CLONE),
    ("998:MultiApp:4001010", Space.CLONE),
    ("999:double:1030,profile.MANAGED", Space.CLONE),
    ("128:Twin:4000410", Space.CLONE),
    ("10:clone:1010,profile.CLONE", Space.CLONE),
    ("150:Secure Folder:30", Space.SECURE_FOLDER),
    ("150:Secure Folder:61010", Space.SECURE_FOLDER),
    ("160:Secure Folder:10061030,profile.MANAGED", Space.SECURE_FOLDER),
    ("149:Work:1030", Space.WORK_PROFILE),
    ("161:Work:1030", Space.WORK_PROFILE),
    ("10:Private space:1090,profile.PRIVATE", Space.PRIVATE_SPACE),
    ("10:Private space:1090", Space.OTHER),
    ("11:Supervising:1000,profile.SUPERVISING", Space.OTHER),
]


@pytest.mark.parametrize(("row", "space"), KINDS)
def test_a_profile_is_known_by_its_number_kind_and_flags(row: str, space: Space) -> None:
    seen = phone(OWNER, row)
    assert (seen.people, seen.guest, seen.spaces, seen.all_listed) == (1, False, (space,), True)


@pytest.mark.parametrize(
    "row",
    ["10:Locum:410,full.SECONDARY", "10:second space:10", "10:Kind:18,full.RESTRICTED", "150:Locum:410", "99:B:410"],
)
def test_another_user_is_a_person(row: str) -> None:
    seen = phone(OWNER, row)
    assert (seen.people, seen.guest, seen.spaces) == (2, False, ())


@pytest.mark.parametrize("row", ["10:Invitado:14", "10:Guest:404,full.GUEST", "10:Guest:514"])
def test_a_guest_is_no_person_of_the_phone(row: str) -> None:
    seen = phone(OWNER, row)
    assert (seen.people, seen.guest, seen.spaces) == (1, True, ())


def test_where_user_0_is_the_system_alone_its_owner_has_another_number() -> None:
    assert phone("0:null:813", "10:Driver:4412").people == 1
    assert phone("0:null:813", "10:Driver:4412", "11:Guest:404").guest is True
    assert [is_person(User(id=0, flags=flags)) for flags in (0x13, 0xC13, 0x813)] == [True, True, False]


def test_the_owner_is_never_a_profile() -> None:
    assert space_of(User(id=0, flags=0x1020)) is None


def test_profiles_are_told_once_and_in_one_order() -> None:
    seen = phone(OWNER, "999:b:1010", "10:Work:1030", "998:a:1010")
    assert seen.spaces == (Space.WORK_PROFILE, Space.CLONE)


def test_either_list_may_say_what_a_user_is() -> None:
    seen = phone(listing=listed(OWNER, "10:Work:10"), states=dumped(OWNER, "10:Work:1030"))
    assert seen.spaces == (Space.WORK_PROFILE,)


NAMES = ["a: b", "A:30} running", "x\n\tUserInfo", "Propriétaire", "", "10:x:13", "} serialNo=1", "null"]


@pytest.mark.parametrize("name", NAMES)
def test_names_hide_nobody(name: str) -> None:
    seen = phone(f"0:{name}:c13", f"10:{name}:410")
    assert (seen.people, seen.all_listed) == (2, True) or judge(seen, ALLOWED).status is not Status.PASS


def test_a_name_with_colons_and_line_ends_is_read_over() -> None:
    assert parse_listed(listed("0:a:b\nc: d:c13")) == {0: User(id=0, flags=0xC13)}
    assert parse_dumped(dumped("0:a:b\nc: d:c13")) == {0: User(id=0, flags=0xC13)}


BROKEN = ["", "Users:\n", listed("10:a:13"), listed(OWNER, OWNER), listed(OWNER)[:-3], listed(OWNER) + "x\n",
          listed(OWNER) + "\tUserInfo{10:"]  # fmt: skip


@pytest.mark.parametrize("text", BROKEN)
def test_a_list_that_is_not_whole_is_not_understood(text: str) -> None:
    with pytest.raises(CollectError) as caught:
        parse_listed(text)
    assert caught.value.why is Why.UNPARSABLE


BROKEN_STATES = ["", "Users:\n", dumped("10:a:13"), dumped(OWNER, OWNER), dumped(OWNER).replace(" serialNo=0", "")]


@pytest.mark.parametrize("text", BROKEN_STATES)
def test_states_that_are_not_whole_are_not_understood(text: str) -> None:
    with pytest.raises(CollectError) as caught:
        parse_dumped(text)
    assert caught.value.why is Why.UNPARSABLE


@pytest.mark.parametrize("mark", [" <partial>", " <pre-created>"])
def test_a_user_who_is_not_there_yet_is_left_out(mark: str) -> None:
    text = dumped(OWNER) + dumped("10:a:410", mark=mark).split("Users:\n")[1]
    assert parse_dumped(text).keys() == {0}


def test_lists_that_differ_hide_somebody() -> None:
    for seen in (phone(OWNER, listing=listed(OWNER, "10:B:410")), phone(OWNER, states=dumped(OWNER, "10:B:410"))):
        assert (seen.people, seen.all_listed, gaps(seen)) == (2, False, [("further_users", Why.UNPARSABLE)])


REFUSALS = [
    ("Permission Denial: can't dump user from from pid=1, uid=2000\n", Why.NOT_PERMITTED),
    ("Error: java.lang.SecurityException: Shell does not have permission to access user 10\n", Why.NOT_PERMITTED),
    ("Can't find service: user\n", Why.TOOL_MISSING),
    ("*** SERVICE 'user' DUMP TIMEOUT (10000ms) EXPIRED ***\n", Why.TIMED_OUT),
    ("Unknown command: list\n", Why.NOT_FOUND),
    ("\r\n", Why.UNPARSABLE),
    ("Usuarios:\n", Why.UNPARSABLE),
]


@pytest.mark.parametrize(("text", "why"), REFUSALS)
def test_a_refusal_with_exit_status_0_hides_users(text: str, why: Why) -> None:
    for seen in (phone(OWNER, states=text), phone(OWNER, listing=Output(exit_code=0, stdout="", stderr=text))):
        assert (seen.people, seen.all_listed, gaps(seen)) == (1, False, [("further_users", why)])
    with pytest.raises(CollectError) as caught:
        phone(listing=text, states=Why.CRASHED)
    assert caught.value.why is why


def test_other_line_ends_and_other_order_change_nothing() -> None:
    rows = (OWNER, "10:Work:1030", "999:x:1010,profile.CLONE")
    plain = [row.partition(",")[0] for row in rows]
    wanted = phone(*rows)
    assert phone(*reversed(rows)) == wanted
    assert phone(listing=listed(*plain).replace("\n", "\r\n"), states=dumped(*rows).replace("\n", "\r\n")) == wanted


def test_the_maker_is_told_where_it_is_known() -> None:
    assert phone(OWNER, properties="[ro.product.brand]: [samsung]\n").maker is Maker.SAMSUNG
    assert phone(OWNER, properties=Why.TIMED_OUT).maker is None
    assert phone(OWNER, properties=Why.TIMED_OUT).gaps == ()


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=300), st.sampled_from([USERS, USER_STATES, PROPERTIES]))
def test_any_text_gives_users_or_a_reason(text: str, command: Command) -> None:
    good: dict[Command, str] = {USERS: listed(OWNER, "10:a:10"), USER_STATES: dumped(OWNER, "10:a:10")}
    assert probe(recorded_phone({**good, command: text})).people >= 1
    for reads in (parse_listed, parse_dumped):
        with contextlib.suppress(CollectError):
            assert 0 in reads(text)


@given(st.text("0:{}UserInfo\n\t 13é", max_size=40), st.text("0:{}UserInfo\n\t 13é", max_size=40))
def test_whatever_people_call_themselves_two_are_never_one(first: str, second: str) -> None:
    rows = (f"0:{first}:c13", f"10:{second}:410")
    assert status_of({USERS: listed(*rows), USER_STATES: dumped(*rows)}) is not Status.PASS


@pytest.mark.parametrize(
    "unit", ["\tUserInfo{", "UserInfo{1:", " ", ":1", "\t", "    Type: android.os.usertype.", "a:13}"]
)
def test_a_very_long_answer_is_read_in_time(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    for reads, start in ((parse_listed, listed(OWNER)), (parse_dumped, dumped(OWNER))):
        with contextlib.suppress(CollectError):
            assert 0 in reads(start + text)


def status_of(answers: dict[Command, str]) -> Status | None:
    """Limits under which a pass is easiest. None: nothing was seen."""
    try:
        return judge(probe(recorded_phone(dict(answers))), ALLOWED).status
    except CollectError:
        return None


def recorded(folder: Path) -> dict[Command, str]:
    host = load(str(folder), LocalHost())
    found = {}
    for command in (USERS, USER_STATES):
        with contextlib.suppress(CollectError):
            found[command] = host.run(command).stdout
    return found


@pytest.mark.parametrize("folder", CASES, ids=lambda one: one.name)
def test_a_cut_or_missing_answer_never_makes_a_phone_pass(folder: Path) -> None:
    answers = recorded(folder)
    whole = status_of(answers)
    for command, text in answers.items():
        assert status_of({key: value for key, value in answers.items() if key is not command}) is not Status.PASS
        lines = text.splitlines(keepends=True)
        for end in range(len(lines)):
            for changed in ("".join(lines[:end]), "".join(lines[:end] + lines[end + 1 :]), "".join(lines[end:])):
                seen = status_of({**answers, command: changed})
                assert seen is not Status.PASS or whole is Status.PASS, (command, end)


@pytest.mark.parametrize("folder", CASES, ids=lambda one: one.name)
def test_one_more_person_never_makes_a_phone_pass(folder: Path) -> None:
    answers = recorded(folder)
    answers[USERS] += "\tUserInfo{77:Extra:410}\n"
    assert status_of(answers) is Status.FAIL


GOOD = {USERS: listed(OWNER), USER_STATES: dumped(OWNER), PROPERTIES: "[ro.product.brand]: [google]\n"}


@pytest.mark.parametrize("answers", [{}, GOOD, dict.fromkeys(GOOD, Why.TIMED_OUT)], ids=["empty", "good", "refusing"])
def test_the_planted_people_are_found_on_any_phone(answers: dict[Command, str]) -> None:
    host = planted(CANARY, PLANTED, recorded_phone(answers), source=LocalHost())
    verdict = judge(probe(host), Limits())
    assert verdict.status is Status.FAIL
    assert CANARY.reason in [point.reason for point in verdict.points]
