"""Android: who could wipe this phone from afar: its owner, its admins, or a finder that the person has armed."""

from collections.abc import Iterator

from agent.collect.android import remote_wipe_finders as finders
from agent.collect.android.answers import answer
from agent.collect.android.commands import ACCOUNTS, DEVICE_POLICY, DISABLED, OWNERS, PACKAGES, SETTINGS
from agent.collect.android.properties import release
from agent.collect.android.remote_wipe_owners import MAIN, Admin, Management, parse, parse_listed
from agent.collect.android.remote_wipe_products import AGENTS, FIND_HUB, PREINSTALLED, product
from agent.collect.canary import Canary
from agent.collect.host import Host
from agent.collect.observe import attempt
from checks.evidence import Gap, Why
from checks.model import Platform
from checks.remote_wipe.fact import Enrolment, Product, Reach, RemoteWipe
from checks.remote_wipe.products import may_wipe

CANARY = Canary(
    answers={
        DEVICE_POLICY.argv: "device_policy.txt",
        PACKAGES.argv: "packages.txt",
        DISABLED.argv: "disabled.txt",
        ACCOUNTS.argv: "accounts.txt",
        SETTINGS["secure"].argv: "secure.txt",
    },
    # A work profile and a finder without an account: an enrolment that may wipe would rightly end in a question.
    reason="profile_only",
)
FURTHEST: tuple[Reach | None, ...] = (Reach.DEVICE, None, Reach.PROFILE, Reach.NOTHING)
"""Of two enrolments with one product, the one that reaches further counts."""
ARMED_BY_ADMIN = 32
"""Up to this API level Google's finder is on exactly while it is an admin; later ones switch it elsewhere."""
MANAGEMENT = "management"
"""Part of a gap that may hide any product."""


def probe(host: Host) -> RemoteWipe:
    """Owners and admins, then agents that manage nothing, then finders."""
    gaps: list[Gap] = []
    held: dict[Product, Enrolment] = {}
    for one in enrolments(_management(host, gaps)):
        before = held.get(one.product)
        if before is None or FURTHEST.index(one.reach) < FURTHEST.index(before.reach):
            held[one.product] = one
    admin = held.pop(FIND_HUB.product, None)
    level = attempt([], "level", lambda: release(host))
    armed = admin is not None and level is not None and level <= ARMED_BY_ADMIN
    sight = finders.look(host)
    for idle in _idle(sight.installed or frozenset()):
        held.setdefault(idle.product, idle)
    found = (*held.values(), *finders.seen(sight, armed=armed, gaps=gaps))
    return RemoteWipe(platform=Platform.ANDROID, enrolments=found, gaps=tuple(gaps))


def _management(host: Host, gaps: list[Gap]) -> Management:
    """Where the dump is refused or cut, owners are looked up elsewhere and admins stay out of sight."""
    found = attempt(gaps, MANAGEMENT, lambda: parse(answer(host, DEVICE_POLICY)))
    if found is None:
        return attempt([], MANAGEMENT, lambda: parse_listed(answer(host, OWNERS))) or Management()
    if MAIN not in found.whole:
        gaps.append(Gap(part=MANAGEMENT, why=Why.UNPARSABLE, detail="the list of admins is not whole"))
    return found


def enrolments(found: Management) -> Iterator[Enrolment]:
    """Whoever owns the phone or a profile, and admins of the main user that may wipe or that we know."""
    for owner in found.device_owners:
        yield from _enrolment(owner, Reach.DEVICE if _wipes(owner, found) else None)
    for user, owner in found.profile_owners.items():
        # An owner of the main user is an admin like any other, with the powers that it asked for.
        if user != MAIN:
            yield from _enrolment(owner, _profile_reach(owner, found))
    for admin in found.admins.get(MAIN, []):
        if admin.wipes:
            yield from _enrolment(admin, Reach.DEVICE)
        elif product(admin.package, admin.receiver) not in (Product.OTHER, FIND_HUB.product):
            yield from _enrolment(admin, Reach.NOTHING if MAIN in found.whole else None)


def _profile_reach(owner: Admin, found: Management) -> Reach | None:
    """The whole device only where the organisation owns it (Android 11 and later). None where that was not listed."""
    said = found.organisations.get(owner.user)
    if said is None or (said == {"true"} and not _wipes(owner, found)):
        return None
    return Reach.DEVICE if said == {"true"} else Reach.PROFILE


def _wipes(owner: Admin, found: Management) -> bool:
    """An owner, too, can only wipe where it is listed with that power."""
    return any(one.wipes and one.package == owner.package for one in found.admins.get(owner.user, []))


def _enrolment(admin: Admin, reach: Reach | None) -> Iterator[Enrolment]:
    """An active admin can neither be removed nor be switched off, so an order would reach it."""
    name = product(admin.package, admin.receiver)
    if name is not None:
        yield Enrolment(product=name, enrolled=True, running=True, reach=reach)


def _idle(installed: frozenset[str]) -> Iterator[Enrolment]:
    """Agents of products that are installed for some purpose and manage nothing."""
    for package in sorted(installed & (AGENTS.keys() - PREINSTALLED)):
        if may_wipe(Platform.ANDROID, AGENTS[package]):
            yield Enrolment(product=AGENTS[package], enrolled=False)
