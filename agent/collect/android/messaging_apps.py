"""Which messaging apps are installed for the phone's owner, and which of them can run."""

from collections.abc import Iterable, Mapping

from agent.collect.android.answers import told
from agent.collect.android.apps import App, apps
from agent.collect.android.commands import APPS, DISABLED, PACKAGES
from agent.collect.android.packages import installed, parse
from agent.collect.canary import Canary
from agent.collect.host import CollectError, Host
from agent.collect.observe import attempt
from checks.evidence import Gap, Why
from checks.messaging_apps.fact import Chat, Found, MessagingApps
from checks.messaging_apps.products import IDENTIFIERS

CANARY = Canary(
    answers={PACKAGES.argv: "packages.txt", DISABLED.argv: "disabled.txt", APPS.argv: "apps.txt"},
    reason="not_approved",
)


def probe(host: Host) -> MessagingApps:
    """The short list of apps counts; the long one adds what was lost from it. Raises CollectError without the short."""
    gaps: list[Gap] = []
    listed = installed(host)
    dump = attempt(gaps, "permissions", lambda: apps(host)) or {}
    names = {name for name in IDENTIFIERS if name in listed or (name in dump and dump[name].runs)}
    off = attempt(gaps, "off", lambda: parse(told(host, DISABLED)))
    if not names and not dump and not (off and off <= listed):
        raise CollectError(Why.UNPARSABLE, "nothing confirms that the list of apps is whole")
    states = {name: _on(name, off, dump) for name in names}
    found = tuple(Found(app=one, runs=_any(editions)) for one in Chat if (editions := _editions(one, states)))
    lost = [gap for gap in gaps if gap.part == "off"]
    gaps += [Gap(part=one.app, why=gap.why, detail=gap.detail) for gap in lost for one in found if one.runs is None]
    return MessagingApps(found=found, gaps=tuple(gaps))


def _on(name: str, off: frozenset[str] | None, dump: Mapping[str, App]) -> bool | None:
    """Where the two lists disagree, the app runs."""
    app = dump.get(name)
    if app is not None and app.runs:
        return True
    if off is None:
        return None if app is None or not app.installed else app.runs
    return name not in off


def _editions(app: Chat, states: Mapping[str, bool | None]) -> list[bool | None]:
    return [state for name, state in states.items() if IDENTIFIERS[name] is app]


def _any(states: Iterable[bool | None]) -> bool | None:
    """One edition that is on is enough."""
    found = set(states)
    return True if True in found else None if None in found else False
