"""Which camera apps of the phone's owner may look up the place, and which of them did."""

import re
from collections.abc import Iterator, Mapping

from agent.collect.android.answers import answer
from agent.collect.android.apps import App, apps
from agent.collect.android.camera_apps import CALLED_CAMERA, CAMERAS
from agent.collect.android.commands import APPS, PLACE_LOOKED_UP
from agent.collect.android.maker import maker
from agent.collect.android.packages import installed
from agent.collect.android.running import running
from agent.collect.canary import Canary
from agent.collect.host import CollectError, Host
from agent.collect.observe import attempt
from checks.evidence import Gap, Why
from checks.geotagging.fact import Camera, CameraApp, Geotagging

USER = re.compile(r"^ +Uid (?:u([0-9]{1,5})[a-z]+)?[0-9]{1,9}:")
PACKAGE = re.compile(r"^ +Package ([A-Za-z0-9._]{1,255}):")
OPERATION = re.compile(r"^ +([A-Z][A-Z_]*) \(")
LOOK = re.compile(r"^ +Access: [^(]{1,80}\(-(?:([0-9]{1,5})d)?[0-9hms]{1,30}\)")
OWNER = "0"
PLACE = "FINE_LOCATION"
PERMISSIONS = ("ACCESS_FINE_LOCATION", "ACCESS_COARSE_LOCATION")

CANARY = Canary(answers={APPS.argv: "apps.txt", PLACE_LOOKED_UP.argv: "place.txt"}, reason="looked_up")


def probe(host: Host) -> Geotagging:
    """That location is off for the whole phone is no evidence: it is switched on again for the next map."""
    gaps: list[Gap] = []
    listed = attempt(gaps, "cameras", lambda: installed(host))
    dump = attempt(gaps, "permission", lambda: apps(host)) or {}
    looks = attempt(gaps, "looks", lambda: parse(answer(host, PLACE_LOOKED_UP))) or {}
    there = running(listed, dump)
    cameras = tuple(_cameras(sorted(there), dump, looks))
    return Geotagging(cameras=cameras, maker=attempt(gaps, "maker", lambda: maker(host)), gaps=tuple(gaps))


def _cameras(names: list[str], dump: Mapping[str, App], looks: Mapping[str, int]) -> Iterator[Camera]:
    for name in names:
        app = dump.get(name)
        known = CAMERAS.get(name)
        if known is None and CALLED_CAMERA.search(name) and (app is None or app.holds("CAMERA") is not False):
            known = CameraApp.OTHER
        if known is not None:
            yield Camera(app=known, name=name, may_locate=may_locate(app), looked_up_days=looks.get(name))


def may_locate(app: App | None) -> bool | None:
    """Whether an app may look up the place, if only roughly. None: not seen."""
    if app is None or app.installed is None:
        return None
    held = [app.holds(one) for one in PERMISSIONS]
    return None if None in held and True not in held else any(held)


def parse(text: str) -> Mapping[str, int]:
    """The owner's apps that looked up the place -> whole days since the last time. Raises UNPARSABLE."""
    found: dict[str, int] = {}
    user = package = operation = ""
    for line in text.splitlines():
        if (uid := USER.match(line)) is not None:
            user, package, operation = uid.group(1) or OWNER, "", ""
        elif (name := PACKAGE.match(line)) is not None:
            package, operation = name.group(1), ""
        elif (title := OPERATION.match(line)) is not None:
            operation = title.group(1)
        elif (look := LOOK.match(line)) is not None and user == OWNER and package and operation == PLACE:
            days = int(look.group(1) or 0)
            found[package] = min(days, found.get(package, days))
    if not user:
        raise CollectError(Why.UNPARSABLE, "no app in the list of operations")
    return found
