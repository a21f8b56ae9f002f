"""Everything a command needs, brought together: places, configuration, the door, the policy in force."""

import os
import threading
from collections.abc import Mapping, Sequence
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
from agent.exits import CannotRun
from agent.identity import IdentityError, describe, laptop_id, phone_id, recording_id
from agent.places import Places, places
from agent.policy_source import Folder, PolicyInForce, policy_in_force
from agent.runner import Subject
from agent.waivers import NONE, Waivers, waivers
from checks.catalog import CATALOG
from checks.clinical_images import check as clinical_images
from checks.evidence import Why
from checks.model import Ownership, Platform
from checks.policy_file import PolicyError

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

    @property
    def problems(self) -> tuple[str, ...]:
        """What the practice's IT should put right in its files, as sentences."""
        faults = tuple(one.sentence for one in self.in_force.problems)
        return (*faults, *(one for one in (self.waivers.problem, self.attestations.problem) if one))


def now() -> datetime:
    """The wall clock of a command."""
    return datetime.now(UTC)  # noqa: TID251 - commands are the edge at which the clock is read


def open_desk(*, policy: str | None = None, stop: threading.Event | None = None) -> Desk:
    """Read configuration and policy. Raises CannotRun."""
    where = places()
    door = LocalHost(stop=stop)
    try:
        config = configuration.load(where, door)
        in_force = policy_in_force(
            CATALOG, folders=folders(where), state_dir=str(where.state), now=now(), explicit=policy
        )
    except ConfigError as error:
        raise CannotRun(f"the configuration is wrong. {error}") from error
    except PolicyError as error:
        raise CannotRun(f"the policy was refused.\n{error}") from error
    return Desk(
        places=where,
        config=config,
        door=door,
        in_force=in_force,
        waivers=waivers(where, door, now=now()),
        attestations=attestations(where.state, door),
        explicit_policy=policy is not None,
    )


def folders(where: Places) -> tuple[Folder, ...]:
    """Where policies lie, with names to show that hold no account.

    Where the practice has put policies, the person's own folder does not count: a layer there could outrank them.
    """
    system, user = where.policy_folders()
    practice = Folder(path=str(system), label=str(system))
    try:
        managed = any(name.endswith(".toml") for name in os.listdir(system))
    except FileNotFoundError:
        managed = False
    except OSError:
        managed = True  # something is there that we may not list: nothing may overtake it
    return (practice,) if managed else (practice, Folder(path=str(user), label="~/.config/scrubin/policy.d"))


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
