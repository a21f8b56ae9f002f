"""Android: who may connect for debugging, besides whoever asks now."""

import re
from collections.abc import Mapping

from agent.collect.android.answers import answer, any_says
from agent.collect.android.commands import DEBUGGING, PROPERTIES
from agent.collect.android.maker import maker
from agent.collect.android.properties import properties, release
from agent.collect.android.settings import settings, whole
from agent.collect.canary import Canary
from agent.collect.host import CollectError, Host
from agent.collect.observe import attempt
from checks.evidence import Gap, Why
from checks.usb_debugging.fact import UsbDebugging

CANARY = Canary(answers={PROPERTIES.argv: "getprop.txt"}, reason="open_to_network")

ROUTE = "ADB_ROUTE"
"""Variable of a phone's host that says how we came: `usb` or `network`. A phone itself cannot tell."""
LISTS_COMPUTERS = 29
"""Since this API level `dumpsys adb` names the trusted computers."""
WIRELESS = 30
"""Since this API level there is wireless debugging, and trust that runs out."""
PORTS = ("service.adb.tcp.port", "persist.adb.tcp.port")
"""Unencrypted: set by `adb tcpip`, or for good by whoever built the system."""
TLS_PORT = "service.adb.tls.port"
TLS = "persist.adb.tls_server.enable"
NOT_IN_A_KEY = re.compile("[^A-Za-z0-9+/=]+")
KEY_START = "QAAAA"
"""With this the public key of each computer begins, written in base64: its length of 64 words."""
KEY_LENGTH = 500
"""Nothing else in the list is a word of that many characters."""
WHOLE = re.compile(r"\n *\}\n\}$")
"""The last lines of a list that was not cut."""


def probe(host: Host) -> UsbDebugging:
    """Look at every part by itself. That debugging is on needs no look: we are answered."""
    gaps: list[Gap] = []
    return UsbDebugging(
        on=True,
        wireless=attempt(gaps, "wireless", lambda: _wireless(host)),
        plain=attempt(gaps, "plain", lambda: plain(properties(host))),
        by_network=attempt(gaps, "route", lambda: _by_network(host)),
        asks=attempt(gaps, "asking", lambda: asks(properties(host))),
        ends=attempt(gaps, "end", lambda: _ends(host)),
        computers=attempt(gaps, "computers", lambda: _computers(host)),
        maker=attempt(gaps, "maker", lambda: maker(host)),
        gaps=tuple(gaps),
    )


def plain(found: Mapping[str, str]) -> bool:
    """Whether a port is set that takes computers unencrypted. Raises UNPARSABLE."""
    return any(_port(found, key) > 0 for key in PORTS)


def asks(found: Mapping[str, str]) -> bool:
    """Whether a new computer needs its user's word. Raises NOT_SAID."""
    value = found.get("ro.adb.secure", "")
    if value not in ("0", "1"):
        raise CollectError(Why.NOT_SAID, "no word of asking")
    return value == "1"


def serves(found: Mapping[str, str]) -> bool:
    """Whether wireless debugging runs, as the properties show it; not every phone shows them. Raises UNPARSABLE."""
    return found.get(TLS) == "1" or _port(found, TLS_PORT) > 0


def parse_wireless(table: Mapping[str, str], level: int) -> bool:
    """Whether wireless debugging is switched on. Raises NOT_SAID: every phone that has it writes its setting down."""
    value = whole(table, "adb_wifi_enabled")
    if value is None and level >= WIRELESS:
        raise CollectError(Why.NOT_SAID, "no setting of wireless debugging")
    return value not in (None, 0)


def parse_ends(table: Mapping[str, str], level: int) -> bool:
    """Whether trust runs out: after a week where nothing else is set, never where 0 is, and never on old releases."""
    if level < WIRELESS:
        return False
    allowed = whole(table, "adb_allowed_connection_time")
    return allowed is None or allowed > 0


def parse_computers(text: str) -> int:
    """How many keys there are. Names of computers are not looked at. Raises UNPARSABLE unless the list is whole.

    The keys stand twice, for the daemon and in the service's own store, which is binary since Android 12.
    """
    if "debugging_manager={" not in text or "connected_to_adb=" not in text or not WHOLE.search(text.rstrip()[-80:]):
        raise CollectError(Why.UNPARSABLE, "the list of computers is not whole")
    words = (word for word in NOT_IN_A_KEY.split(text) if len(word) >= KEY_LENGTH)
    return len({word[max(word.find(KEY_START), 0) :] for word in words})


def _wireless(host: Host) -> bool:
    return any_says((lambda: parse_wireless(settings(host, "global"), release(host)), lambda: serves(properties(host))))


def _ends(host: Host) -> bool:
    return parse_ends(settings(host, "global"), release(host))


def _computers(host: Host) -> int:
    if release(host) < LISTS_COMPUTERS:
        raise CollectError(Why.NOT_SAID, "this release lists no computers")
    return parse_computers(answer(host, DEBUGGING))


def _by_network(host: Host) -> bool:
    route = host.environ.get(ROUTE, "")
    if route in ("usb", "network"):
        return route == "network"
    if whole(settings(host, "global"), "adb_enabled") == 0:
        return True  # debugging by cable is off, and yet we are answered
    raise CollectError(Why.NOT_SAID, "how we came")


def _port(found: Mapping[str, str], key: str) -> int:
    text = found.get(key, "").strip()
    if not re.fullmatch("-?[0-9]{1,9}|", text):
        raise CollectError(Why.UNPARSABLE, f"{key} is no number")
    return int(text or "0")
