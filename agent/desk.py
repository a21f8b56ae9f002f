"""Everything a command needs, brought together: places, configuration, the door, the policy in force."""

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, Protocol

from agent import config as configuration
from agent.attestations import Attestations, attestations
from agent.collect.catalog import Probe, probes
from agent.collect.host import CollectError, Host, LocalHost
from agent.collect.recorded import RecordingError, load
from agent.config import Config, ConfigError
from agent.directive import FILE as DIRECTIVE
from agent.directive import Directive, DirectiveError, Verify, by_key, directive, refused
from agent.enrolment import Enrolment, EnrolmentError, enrolment
from agent.exits import CannotRun
from agent.identity import IdentityError, describe, laptop_id, phone_id, recording_id
from agent.places import Places, places
from agent.policy_search import Sent
from agent.policy_source import Folder, PolicyInForce, policy_in_force
from agent.runner import Subject
from agent.waivers import NONE, Waivers, together, waivers
from checks.catalog import CATALOG
from checks.clinical_images import check as clinical_images
from checks.evidence import Why
from checks.model import Ownership, Platform
from checks.policy_file import PolicyError
from checks.waivers import LONGEST

if TYPE_CHECKING:
    from agent.phones import Read  # with it comes all that talks to adb, which most commands don't need
    from agent.photos.evidence import Pictures

IMAGES = clinical_images.CHECK.id

NO_WORDS = Attestations()


class Looks(Protocol):
    """Whoever looks for clinical images on this laptop."""

    def laptop(self, weights: str, extra: Sequence[str]) -> Probe:
        """The probe; `extra` are absolute folders besides those that the system names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Whom this laptop is enrolled with, and what they ask of it."""

    enrolment: Enrolment | None = None
    said: Directive | None = None
    sent: Sent | None = None
    """The policy that came with it."""
    damaged: bool = False
    """It is enrolled, and with whom cannot be read."""
    problems: tuple[str, ...] = ()


NOBODY = Told()


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a command works with."""

    places: Places
    config: Config
    door: LocalHost
    in_force: PolicyInForce
    explicit_policy: bool
    """The policy was named on the command line, so what comes out is a trial."""
    waivers: Waivers = NONE
    attestations: Attestations = NO_WORDS
    told: Told = NOBODY

    @property
    def problems(self) -> tuple[str, ...]:
        """What the practice's IT should put right in its files, as sentences."""
        faults = tuple(one.sentence for one in self.in_force.problems)
        return (
            *self.told.problems,
            *faults,
            *(one for one in (self.waivers.problem, self.attestations.problem) if one),
        )


def now() -> datetime:
    """The wall clock of a command."""
    return datetime.now(UTC)  # noqa: TID251 - commands are the edge at which the clock is read


def open_desk(*, policy: str | None = None, stop: threading.Event | None = None, verify: Verify = by_key) -> Desk:
    """Read configuration, enrolment and policy. Raises CannotRun.

    `verify` looks at the signature of what the practice sent; the daemon has that done in a process of its own.
    """
    where = places()
    door = LocalHost(stop=stop)
    told = told_by(where, verify)
    try:
        config = configuration.load(where, door)
        in_force = policy_in_force(
            CATALOG,
            folders=folders(where, sent=told.sent is not None),
            state_dir=str(where.state),
            now=now(),
            explicit=policy,
            sent=told.sent,
        )
    except ConfigError as error:
        raise CannotRun(f"the configuration is wrong. {error}") from error
    except PolicyError as error:
        raise CannotRun(f"the policy was refused.\n{error}") from error
    if told.enrolment is not None or told.damaged:
        config = config.enrolled(None if told.enrolment is None else told.enrolment.ownership)
    granted = () if told.said is None else (one for one in told.said.waivers if one.until <= now() + LONGEST)
    return Desk(
        places=where,
        config=config,
        door=door,
        in_force=in_force,
        waivers=together(waivers(where, door, now=now()), granted),
        attestations=attestations(where.state, door),
        explicit_policy=policy is not None,
        told=told,
    )


def told_by(where: Places, verify: Verify) -> Told:
    """What the practice's console sent, as far as it is to be believed. What is not loosens nothing."""
    source = str(where.state / DIRECTIVE)
    try:
        enrolled = enrolment(where.state)
    except EnrolmentError as error:
        spoiled = Sent(raw=None, source=source)
        return Told(sent=spoiled, damaged=True, problems=(f"Your practice can't be told: {error}.",))
    if enrolled is None:
        return NOBODY
    notes = tuple(_refused_lately(where))
    try:
        said = directive(where.state, enrolled, verify=verify)
    except DirectiveError as error:
        sentence = f"What your practice's console sent can't be used: {error}. The last good policy stays in force."
        return Told(enrolment=enrolled, sent=Sent(raw=None, source=source), problems=(sentence, *notes))
    if said is None:
        return Told(enrolment=enrolled, problems=notes)
    if said.odd:
        notes = (*notes, "A waiver or draft that your practice's console sent is not understood, so it doesn't count.")
    sent = None if said.policy is None else Sent(raw=said.policy, source=source)
    if sent is not None and _has_policies(where.policy_folders()[1]):
        notes = (*notes, "~/.config/scrubin/policy.d is ignored: your practice's console sends the policy.")
    return Told(enrolment=enrolled, said=said, sent=sent, problems=notes)


def _refused_lately(where: Places) -> Iterator[str]:
    if why := refused(where.state):
        yield f"What your practice's console sent last was refused: {why}. What came before stays in force."


def _has_policies(folder: Path) -> bool:
    try:
        return any(name.endswith(".toml") for name in os.listdir(folder))
    except OSError:
        return False


def folders(where: Places, *, sent: bool = False) -> tuple[Folder, ...]:
    """Where policies lie, with names to show that hold no account.

    Where the practice has put policies, or has `sent` one, the person's own folder does not count: a layer there could
    outrank them.
    """
    system, user = where.policy_folders()
    practice = Folder(path=str(system), label=str(system))
    try:
        managed = any(name.endswith(".toml") for name in os.listdir(system))
    except FileNotFoundError:
        managed = False
    except OSError:
        managed = True  # something is there that we may not list: nothing may overtake it
    return (practice,) if managed or sent else (practice, Folder(path=str(user), label="~/.config/scrubin/policy.d"))


def laptop(
    desk: Desk,
    *,
    photo_folders: tuple[str, ...] = (),
    left_out: frozenset[str] = frozenset(),
    pictures: "Looks | None" = None,
) -> Subject:
    """This laptop. Raises CannotRun where its id can't be kept."""
    try:
        device_id = laptop_id(desk.places.state)
    except IdentityError as error:
        raise CannotRun(f"this laptop's id can't be kept: {error}") from error
    device = describe(desk.door, device_id=device_id, platform=Platform.LINUX, ownership=desk.config.ownership)
    extra = (*desk.config.photo_folders, *photo_folders)
    known = probes(Platform.LINUX, extra)
    if pictures is not None:
        known = {**known, IMAGES: pictures.laptop(weights(desk, desk.config.ownership), extra)}
    return Subject(
        device=device,
        host=desk.door,
        door=desk.door,
        checks=CATALOG,
        probes=known,
        left_out=left_out,
        waivers=desk.waivers.granted,
        statements=desk.attestations.given,
    )


def phone(
    desk: Desk, read: "Read", *, left_out: frozenset[str] = frozenset(), pictures: "Pictures | None" = None
) -> Subject:
    """A phone that was read. Raises CannotRun where its id can't be kept."""
    try:
        device_id = phone_id(desk.places.state, read.serial)
    except IdentityError as error:
        raise CannotRun(f"the phone's id can't be kept: {error}") from error
    ownership = desk.config.phone_ownership
    known = probes(Platform.ANDROID)
    if pictures is not None:
        known = {
            **known,
            IMAGES: pictures.phone(weights(desk, ownership), device_id, partial(read.pictures, device_id)),
        }
    return Subject(
        device=describe(read.host, device_id=device_id, platform=Platform.ANDROID, ownership=ownership),
        host=read.host,
        door=desk.door,
        checks=CATALOG,
        probes=known,
        left_out=left_out,
        waivers=desk.waivers.granted,
        statements=desk.attestations.given,
    )


def weights(desk: Desk, ownership: Ownership) -> str:
    """Which of the finder's weights the practice asks for."""
    rule = desk.in_force.policy.rule(clinical_images.CHECK, ownership)
    return "clean" if rule.limits.clean_weights_only else "best"


def _no_picture(_: Host) -> NoReturn:
    """A recording holds no picture: nobody would hand it on."""
    raise CollectError(Why.NOT_RECORDED, "")


def recording(desk: Desk, folder: str, *, photo_folders: tuple[str, ...], left_out: frozenset[str]) -> Subject:
    """A device that somebody recorded. Raises CannotRun for a folder that is no recording."""
    try:
        host = load(str(Path(folder).absolute()), desk.door)
    except RecordingError as error:
        raise CannotRun(f"the folder holds no recording that can be read: {error}") from error
    known: Mapping[str, Probe] = {**probes(host.platform, photo_folders), IMAGES: Probe(look=_no_picture, canary=None)}
    device_id = recording_id(host.account, host.now().isoformat())
    device = describe(host, device_id=device_id, platform=host.platform, ownership=Ownership.PERSONAL)
    return Subject(
        device=device, host=host, door=desk.door, checks=CATALOG, probes=known, recorded=True, left_out=left_out
    )
