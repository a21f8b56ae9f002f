"""Linux enrolments: the traces of each product, what hides them, and the planted one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fakes import HOME, recorded_host
from hypothesis import given
from hypothesis import strategies as st

from agent.collect.host import CollectError, LocalHost, Output
from agent.collect.layered import PlantedHost
from agent.collect.linux import remote_wipe_agents as agents
from agent.collect.linux.remote_wipe import CANARY, LOOKS, probe
from agent.collect.linux.remote_wipe_microsoft import parse_dsreg, parse_registration
from checks.evidence import Gap, Why
from checks.model import Platform, Status
from checks.remote_wipe.check import Limits, judge
from checks.remote_wipe.fact import Enrolment, Product

REGISTRATION = f"{HOME}/.config/intune/registration.toml"
PLANTED = Path(agents.__file__).parent / "canary" / "remote_wipe"
ORBIT = {"name": "orbit", "own": False}


def enrolments(**parts: Any) -> dict[str, tuple[bool | None, bool | None]]:
    return {one.product.value: (one.enrolled, one.running) for one in probe(recorded_host(**parts)).enrolments}


def canary() -> dict[str, str]:
    return {path.replace("{home}", HOME): str(PLANTED / name) for path, name in CANARY.files.items()}


def test_a_bare_laptop_shows_no_enrolment_and_no_gap() -> None:
    seen = probe(recorded_host())
    assert (seen.platform, seen.enrolments, seen.gaps) == (Platform.LINUX, (), ())


@pytest.mark.parametrize(
    ("text", "hints"),
    [
        ("", set()),
        ("account_hint = 'a'", {"account_hint"}),
        ("account_hint = 'a' \naad_device_hint = 'b'\ndevice_hint = 'c'\n",
         {"account_hint", "aad_device_hint", "device_hint"}),
        ("device_hint = ''", set()),
        ("device_hint = ' '", set()),
        ("device_hint = 1\naccount_hint = ['a']", set()),
        ("other = 'a'", set()),
    ],
)  # fmt: skip
def test_registration_names_its_hints(text: str, hints: set[str]) -> None:
    assert parse_registration(text) == hints


@pytest.mark.parametrize("text", ["device_hint = ", "<plist/>", "a = " + "[" * 100_000, "a = " + "9" * 5_000])
def test_a_record_that_is_no_toml_is_not_understood(text: str) -> None:
    with pytest.raises(CollectError) as caught:
        parse_registration(text)
    assert caught.value.why is Why.UNPARSABLE


def test_signed_in_to_intune_is_not_enrolled() -> None:
    assert enrolments(files={REGISTRATION: "account_hint = 'a'"}) == {"intune": (False, None)}


def test_an_enrolled_device_is_registered_too_where_the_broker_has_no_tool() -> None:
    record = "account_hint = 'a'\naad_device_hint = 'b'\ndevice_hint = 'c'"
    assert enrolments(files={REGISTRATION: record}) == {"intune": (True, None), "entra": (True, None)}


def test_nothing_that_names_a_person_or_device_is_kept() -> None:
    record = "account_hint = 'who@example.com'\naad_device_hint = 'b1b1'\ndevice_hint = 'c2c2'"
    seen = repr(probe(recorded_host(files={REGISTRATION: record})))
    assert not any(secret in seen for secret in ("who@", "b1b1", "c2c2"))


@pytest.mark.parametrize(
    ("text", "registered"),
    [
        ("Device Registration Status   : Registered\n", True),
        ("\x1b[1mDevice Registration Status\x1b[0m : \x1b[32mRegistered\x1b[0m\r\n", True),
        ("Device Registration Status: Not Registered", False),
        ("Device Registration Status: NotRegistered", False),
        ("Device Registration Status: Unregistered", False),
    ],
)
def test_dsreg_tells_registered_from_not(text: str, registered: bool) -> None:
    assert parse_dsreg(text) is registered


@pytest.mark.parametrize(
    "text",
    ["", "Error: broker", "Geräteregistrierung : Registriert", "Device Registration Status : Pending",
     "Device Registration Status : " + " " * 10**6, "Registered", "x" * 10**6],
)  # fmt: skip
def test_dsreg_in_another_form_is_not_understood(text: str) -> None:
    with pytest.raises(CollectError) as caught:
        parse_dsreg(text)
    assert caught.value.why is Why.UNPARSABLE


@pytest.mark.parametrize(
    ("answer", "wanted", "why"),
    [
        (Why.TOOL_MISSING, {}, None),
        (Output(exit_code=2, stdout="", stderr="no broker"), {}, None),
        (Output(exit_code=1, stdout="Device Registration Status: Registered", stderr=""), {"entra": (None, None)},
         Why.TOOL_FAILED),
        (Why.TIMED_OUT, {"entra": (None, None)}, Why.TIMED_OUT),
        ("garbled", {"entra": (None, None)}, Why.UNPARSABLE),
        ("Device Registration Status: Registered", {"entra": (True, None)}, None),
    ],
)  # fmt: skip
def test_the_broker_answers(answer: Any, wanted: dict[str, Any], why: Why | None) -> None:
    host = recorded_host(commands={"dsreg --status": answer})
    seen = probe(host)
    assert {one.product.value: (one.enrolled, one.running) for one in seen.enrolments} == wanted
    assert [gap.why for gap in seen.gaps] == ([] if why is None else [why])


AGENTS = [
    (agents.FLEET, "aGVsbG9oZWxsbw==\n", "secret of more words"),
    (agents.JUMPCLOUD, '{"systemKey":"0a1b2c"}', '{"systemKey":""}'),
    (agents.LANDSCAPE, "[client]\naccount_name = clinic\n", "[client]\naccount_name =\nlog_level = info\n"),
    (agents.PREY, "[control-panel]\ndevice_key = 0a1b2c\n", "device_key = \napi_key = 0a1b2c\n"),
]


@pytest.mark.parametrize(("agent", "joined", "left"), AGENTS, ids=[row[0].product for row in AGENTS])
def test_an_agent_is_enrolled_by_what_its_file_holds(agent: agents.Agent, joined: str, left: str) -> None:
    name = agent.product.value
    for program in agent.programs:
        running = [{"name": program, "own": False}]
        assert enrolments(files={agent.kept_at: joined}, processes=running) == {name: (True, True)}
    assert enrolments(files={agent.kept_at: joined}) == {name: (True, False)}
    assert enrolments(files={agent.kept_at: left}, processes=running) == {name: (False, None)}
    assert enrolments(files={agent.kept_at: ""}) == {name: (False, None)}


@pytest.mark.parametrize("agent", [row[0] for row in AGENTS], ids=[row[0].product for row in AGENTS])
def test_a_file_that_only_root_may_read_is_proof_by_being_there(agent: agents.Agent) -> None:
    files = {agent.kept_at: Why.NOT_PERMITTED}
    assert enrolments(files=files) == {agent.product.value: (True, False)}
    running = [{"name": min(agent.programs), "own": False}]
    assert enrolments(files=files, processes=running) == {agent.product.value: (True, True)}


def test_a_closed_folder_hides_the_enrolment() -> None:
    folders = {"/opt/jc": Why.NOT_PERMITTED}
    seen = probe(recorded_host(files={"/opt/jc/jcagent.conf": Why.NOT_PERMITTED}, folders=folders))
    assert seen.enrolments == (Enrolment(product=Product.JUMPCLOUD, enrolled=None),)
    assert seen.gaps == (Gap(part="jumpcloud", why=Why.NOT_PERMITTED, detail="as recorded"),)


def test_a_closed_folder_that_lists_nothing_hides_the_enrolment() -> None:
    folders = {"/opt/jc": ["bin"]}
    host = recorded_host(
        files={"/opt/jc/jcagent.conf": Why.NOT_PERMITTED}, folders=folders, complete=False, processes=[ORBIT]
    )
    (gap,) = [gap for gap in probe(host).gaps if gap.part == "jumpcloud"]
    assert (gap.why, gap.detail) == (Why.NOT_PERMITTED, "/opt/jc")


@pytest.mark.parametrize("why", [Why.UNREADABLE, Why.TOO_LARGE, Why.UNPARSABLE, Why.TIMED_OUT])
def test_a_file_that_cannot_be_read_is_a_gap_and_never_an_answer(why: Why) -> None:
    seen = probe(recorded_host(files={agents.FLEET.kept_at: why}))
    assert seen.enrolments == (Enrolment(product=Product.FLEET, enrolled=None),)
    assert [(gap.part, gap.why) for gap in seen.gaps] == [("fleet", why)]


def test_a_client_that_runs_without_its_file_is_not_seen() -> None:
    seen = probe(recorded_host(processes=[ORBIT]))
    assert seen.enrolments == (Enrolment(product=Product.FLEET, enrolled=None),)
    assert [gap.why for gap in seen.gaps] == [Why.NOT_SAID]


@pytest.mark.parametrize("path", agents.HUB_PROGRAMS)
@pytest.mark.parametrize("shape", [Why.UNPARSABLE, Why.TOO_LARGE, Why.NOT_PERMITTED, "#!/bin/sh\n"])
def test_an_installed_hub_says_no_more_than_that(path: str, shape: Any) -> None:
    assert enrolments(files={path: shape}) == {"workspace_one": (None, None)}


def test_a_hub_that_is_no_program_or_cannot_be_looked_at() -> None:
    assert enrolments(files={agents.HUB_PROGRAMS[0]: "notes"}) == {}
    seen = probe(recorded_host(files={agents.HUB_PROGRAMS[0]: Why.UNREADABLE}))
    assert [(gap.part, gap.why) for gap in seen.gaps] == [("workspace_one", Why.UNREADABLE)]


def test_what_was_not_recorded_is_a_gap_of_every_product() -> None:
    seen = probe(recorded_host(complete=False, processes=[ORBIT]))
    assert {gap.part for gap in seen.gaps} == set(LOOKS)
    assert judge(seen, Limits()).status is Status.UNKNOWN


ENROLLED_EVERYWHERE: dict[str, str | Why] = {agent.kept_at: joined for agent, joined, _ in AGENTS}
HOSTS: dict[str, Callable[[], Any]] = {
    "empty": recorded_host,
    "enrolled with everything": lambda: recorded_host(
        files={**ENROLLED_EVERYWHERE, **dict.fromkeys(agents.HUB_PROGRAMS, Why.UNPARSABLE)},
        processes=[{"name": name, "own": False} for name in sorted(agents.PROGRAMS)],
        commands={"dsreg --status": "Device Registration Status: Registered"},
    ),
    "nothing can be read": lambda: recorded_host(
        files=dict.fromkeys((*agents.KEPT_AT, *agents.HUB_PROGRAMS, REGISTRATION), Why.UNREADABLE),
        commands={"dsreg --status": Why.TIMED_OUT},
    ),
    "nothing was recorded": lambda: recorded_host(complete=False),
}


@pytest.mark.parametrize("name", HOSTS)
@pytest.mark.parametrize("limits", [Limits(), Limits(accepted=tuple(Product))])
def test_the_planted_enrolment_fails_on_any_machine(name: str, limits: Limits) -> None:
    verdict = judge(probe(PlantedHost(HOSTS[name](), canary(), source=LocalHost())), limits)
    assert verdict.status is Status.FAIL
    assert CANARY.reason in [point.reason for point in verdict.points]


def test_without_the_planted_enrolment_the_same_laptop_does_not_fail_so() -> None:
    verdict = judge(probe(HOSTS["enrolled with everything"]()), Limits(accepted=(Product.FLEET,)))
    assert verdict.status is Status.PASS


def test_this_machine_is_seen_or_says_why_not() -> None:
    seen = probe(LocalHost())
    hidden = {one.product for one in seen.enrolments if one.enrolled is None}
    assert hidden == {gap.part for gap in seen.gaps}
    assert all(isinstance(gap.why, Why) for gap in seen.gaps)


@given(st.text())
def test_any_text_is_an_answer_or_not_understood(text: str) -> None:
    for parse in (parse_registration, parse_dsreg):
        why = None
        try:
            parse(text)
        except CollectError as error:
            why = error.why
        assert why in {None, Why.UNPARSABLE}


@given(st.text())
def test_any_text_in_any_file_gives_a_fact(text: str) -> None:
    files: dict[str, str | Why] = dict.fromkeys((*agents.KEPT_AT, *agents.HUB_PROGRAMS, REGISTRATION), text)
    assert judge(probe(recorded_host(files=files)), Limits()).status in {Status.FAIL, Status.UNKNOWN}


@pytest.mark.parametrize("character", [" ", "\n", "\t", "a", '"systemKey"', "device_key=", "account_name ", "=" * 9])
def test_a_flood_is_an_answer_or_a_gap(character: str) -> None:
    flood = character * (10**6 // len(character))  # what took quadratic time would take hours here
    seen = probe(recorded_host(files=dict.fromkeys((*agents.KEPT_AT, REGISTRATION), flood)))
    assert {gap.part for gap in seen.gaps} <= {"intune", "entra"}
