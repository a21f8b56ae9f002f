"""Phones whose first user is the system alone: nobody is judged by what that user has."""

from collections.abc import Mapping

import pytest
from app_dump_parts import NONSENSE, dump, listing
from fakes import recorded_phone

from agent.collect.android.commands import APPS, DISABLED, PACKAGES, PROPERTIES, USER_STATES, USERS
from agent.collect.android.messaging_apps import probe
from agent.collect.android.owner import of_the_person, system_alone
from agent.collect.android.probes import PROBES
from agent.collect.host import Command
from agent.collect.observe import observe
from checks.evidence import Observed, Unobserved, Why

ALONE = "Users:\n\tUserInfo{0:System:813} running\n\tUserInfo{10:Dana:4412} running\n"
PERSON = "Users:\n\tUserInfo{0:Dana:4c13} running\n"
OLD_PERSON = "Users:\n\tUserInfo{0:Dana:13} running\n"
STATES = "Users:\n  UserInfo{0:System:13} serialNo=0 isPrimary=true\n    Type: android.os.usertype.system.HEADLESS\n"
PROPERTY = "[ro.fw.mu.headless_system_user]: [true]\n"
GATED = {
    "screen_lock",
    "cloud_backup",
    "remote_wipe",
    "photo_access",
    "messaging_apps",
    "geotagging",
}


@pytest.mark.parametrize("source", [{USERS: ALONE}, {USER_STATES: STATES}, {PROPERTIES: PROPERTY}])
@pytest.mark.parametrize("others", [{}, {USERS: Why.TIMED_OUT, USER_STATES: NONSENSE[0], PROPERTIES: ""}])
def test_one_source_is_enough(source: Mapping[Command, str], others: Mapping[Command, str | Why]) -> None:
    assert system_alone(recorded_phone({**others, **source}))


@pytest.mark.parametrize(
    "answers",
    [
        {USERS: PERSON}, {USERS: OLD_PERSON}, {PROPERTIES: "[ro.fw.mu.headless_system_user]: [false]\n"}, {},
        {USER_STATES: STATES.replace("system.HEADLESS", "full.SYSTEM").replace(":13}", ":4c13}")},
        *({USERS: text, USER_STATES: text, PROPERTIES: text} for text in NONSENSE),
    ],
)  # fmt: skip
def test_the_first_user_is_the_owner_where_nothing_says_otherwise(answers: Mapping[Command, str]) -> None:
    assert not system_alone(recorded_phone(answers))


def test_nothing_is_judged_by_the_apps_of_nobody() -> None:
    clean = {PACKAGES: listing(), DISABLED: "", APPS: dump()}
    gated = of_the_person(probe)
    assert isinstance(observe(gated, recorded_phone({**clean, USERS: PERSON})), Observed)
    seen = observe(gated, recorded_phone({**clean, USERS: ALONE}))
    assert isinstance(seen, Unobserved)
    assert seen.why is Why.OTHER_PROFILE


@pytest.mark.parametrize("check_id", sorted(PROBES))
def test_every_check_of_what_a_person_has_stands_behind_the_gate(check_id: str) -> None:
    seen = observe(PROBES[check_id].look, recorded_phone({USERS: ALONE}))
    assert (isinstance(seen, Unobserved) and seen.why is Why.OTHER_PROFILE) is (check_id in GATED)
