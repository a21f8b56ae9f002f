"""Which apps of the phone's owner may read all pictures: social ones by name, others by number."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from agent.collect.android.apps import App, apps
from agent.collect.android.commands import APPS
from agent.collect.android.packages import installed
from agent.collect.android.photo_apps import CLOUDS, SOCIAL
from agent.collect.android.running import running
from agent.collect.canary import Canary
from agent.collect.host import CollectError, Host
from agent.collect.observe import attempt
from checks.evidence import Gap, Why
from checks.photo_access.fact import Cloud, PhotoAccess, Reach, Reader, Social

CANARY = Canary(answers={APPS.argv: "apps.txt"}, reason="reads_all")


def probe(host: Host) -> PhotoAccess:
    """Two lists that check each other: which apps there are, and what each of them may do."""
    gaps: list[Gap] = []
    listed = attempt(gaps, "apps", lambda: installed(host))
    dump = attempt(gaps, "others", lambda: apps(host))
    there = running(listed, dump or {})
    seen = {name: reach(dump.get(name)) if dump is not None else None for name in there}
    others = None if dump is None else attempt(gaps, "others", lambda: _others(seen, dump))
    social = tuple(_readers(seen))
    if dump is None:
        gaps += [replace(gaps[-1], part=one.app) for one in social]
    return PhotoAccess(social=social, clouds=tuple(_clouds(seen)), others=others, gaps=tuple(gaps))


def reach(app: App | None) -> Reach | None:
    """None where the dump lacks the app, or ends before it says what the owner let it do."""
    if app is None or app.installed is None or app.pictures is None:
        return None
    return Reach(app.pictures)


def _readers(seen: Mapping[str, Reach | None]) -> Iterator[Reader]:
    for one in Social:
        editions = [found for name, found in seen.items() if SOCIAL.get(name) is one]
        if editions:
            yield Reader(app=one, reach=_widest(editions))


def _widest(editions: Iterable[Reach | None]) -> Reach | None:
    """Of an app that is there in several editions."""
    found = set(editions)
    for one in (Reach.ALL, None, Reach.CHOSEN):
        if one in found:
            return one
    return Reach.NONE


def _clouds(seen: Mapping[str, Reach | None]) -> Iterator[Cloud]:
    full = {CLOUDS[name] for name, found in seen.items() if name in CLOUDS and found is Reach.ALL}
    return (one for one in Cloud if one in full)


def _others(seen: Mapping[str, Reach | None], dump: Mapping[str, App]) -> int:
    """How many apps that we do not know, and that did not come with the phone, may read all pictures."""
    unknown = [
        found for name, found in seen.items()
        if name not in SOCIAL and name not in CLOUDS and not _came_with_the_phone(dump.get(name))
    ]  # fmt: skip
    full = unknown.count(Reach.ALL)
    if full == 0 and None in unknown:
        raise CollectError(Why.NOT_SAID, f"of {unknown.count(None)} apps it was not seen what they may read")
    return full


def _came_with_the_phone(app: App | None) -> bool:
    """Where lines are missing, the mark of a system app may be that of a neighbour."""
    return app is not None and app.system and app.whole
