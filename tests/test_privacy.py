"""Nothing personal leaves: a canary in everything that a device can say shows up nowhere that travels."""

import dataclasses
import logging
import platform
import re
import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from fakes import laptop, rule_for

from agent.collect.catalog import PROBES
from agent.collect.host import LocalHost
from agent.collect.recorded import INDEX, RecordedHost, load
from agent.runner import Audit, Subject, audit
from agent.status_file import Delivery, status_of, table_image
from checks.catalog import CATALOG
from checks.evaluate import evaluate
from checks.evidence import Observed
from checks.model import Platform
from reports.deliver.bodies import opened
from reports.deliver.digest import subject as mail_subject
from reports.deliver.digest import text as mail_text
from reports.envelope import to_bytes
from reports.render import plain

ROOT = Path(__file__).parent / "recordings"
FOLDERS = sorted(path.parent for path in ROOT.rglob(INDEX))
CANARY = "zqcanary"
PERSONAL = re.compile(r"clin|[\w.+-]+@[\w.-]+[.](?:example|org|net)|(?<=UserInfo[{]0:)[^:]+|(?<=UserInfo[{]10:)[^:]+")
"""Of laptops the account; of phones the names of accounts and of users."""


class Everything:
    id, version = "example", "practice-1"

    def rule(self, check: Any, ownership: Any) -> Any:
        return rule_for(check.limits())


def haunted(folder: Path) -> RecordedHost:
    """The recording with a canary in the names of accounts and users, the home folder and whatever lies below it."""

    def haunt(value: Any) -> Any:
        if isinstance(value, str):
            return PERSONAL.sub(CANARY, value)
        if isinstance(value, dict):
            return {haunt(key): haunt(one) for key, one in value.items()}
        return [haunt(one) for one in value] if isinstance(value, list) else value

    index = haunt(tomllib.loads((folder / INDEX).read_text()))
    real = load(str(folder), LocalHost())
    payloads = {name: haunt(text) for name, text in real._payloads.items()}
    return RecordedHost(index, payloads)


def audited(host: RecordedHost) -> Audit:
    subject = Subject(
        device=laptop(platform=host.platform), host=host, door=LocalHost(), checks=CATALOG, probes=PROBES[host.platform]
    )
    return audit(subject, Everything(), clock=host.now)


def all_that_travels(done: Audit) -> str:
    report = done.report
    delivery = Delivery(waiting=0, oldest_waiting_at=None, last_delivered_at=None)
    parts = [
        to_bytes(report).decode(), plain.render(report), mail_subject(report),
        mail_text(opened(to_bytes(report))),
        repr(status_of(report, delivery)), table_image(report).decode("latin-1"),
    ]  # fmt: skip
    return "\n".join(parts)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda one: str(one.relative_to(ROOT)))
def test_no_account_home_or_folder_of_a_recording_travels(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        done = audited(haunted(folder))
    assert CANARY not in (all_that_travels(done) + caplog.text).lower()


def test_phones_are_haunted_too() -> None:
    hosts = (haunted(one) for one in FOLDERS if "android" in one.parts)
    texts = (text for host in hosts for text in (repr(host._index), *host._payloads.values()))
    assert sum(CANARY in text for text in texts) > 20


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda one: str(one.relative_to(ROOT)))
def test_no_text_of_a_fact_travels(folder: Path) -> None:
    """Whatever text a fact holds, enums aside, can be anything: none of it may reach a finding."""
    for examined in audited(load(str(folder), LocalHost())).examined:
        if isinstance(examined.evidence, Observed):
            check = next(one for one in CATALOG if one.id == examined.finding.check_id)
            evidence = dataclasses.replace(examined.evidence, fact=possessed(examined.evidence.fact))
            at = examined.evidence.at
            seen = evaluate(check, laptop(), evidence, rule_for(check.limits()), now=at, profile="owner")
            assert CANARY not in repr(seen.finding)


def possessed(value: Any) -> Any:
    """The same value with a canary in place of every text that is no enum."""
    if isinstance(value, StrEnum):
        return value
    if isinstance(value, str):
        return CANARY
    if isinstance(value, tuple):
        return tuple(possessed(one) for one in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {
            one.name: getattr(value, one.name) if one.name == "part" else possessed(getattr(value, one.name))
            for one in dataclasses.fields(value)
        }
        return type(value)(**fields)
    return value


def test_this_laptop_tells_nothing_of_its_account(caplog: pytest.LogCaptureFixture) -> None:
    host = LocalHost()
    subject = Subject(device=laptop(), host=host, door=host, checks=CATALOG, probes=PROBES[Platform.LINUX])
    with caplog.at_level(logging.DEBUG):
        done = audit(subject, Everything(), clock=host.now)
    told = all_that_travels(done) + caplog.text
    assert host.home + "/" not in told
    assert len(platform.node()) < 4 or platform.node() not in told
