"""The proxy that this laptop is set to use: by its environment, or else by GNOME's network settings."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from requests.utils import get_environ_proxies, should_bypass_proxies

from agent.collect.host import CollectError, Host
from agent.collect.linux.gsettings import Settings, number, settings

SCHEMA = "org.gnome.system.proxy"
MANUAL = "'manual'"
"""The one mode that names a server. A script that decides (`auto`) is a program of the network's, and is not run."""
QUOTED = re.compile(r"'([^']{1,255})'")
SERVER = re.compile(r"'([A-Za-z0-9.:-]{1,253})'")


def system_proxies(url: str, host: Host) -> Mapping[str, str]:
    """By scheme, as requests takes them; none where the way is direct."""
    if should_bypass_proxies(url, no_proxy=None):
        return {}
    found = get_environ_proxies(url)
    parts = urlsplit(url)
    if found or parts.scheme != "https" or "GNOME" not in host.environ.get("XDG_CURRENT_DESKTOP", "").upper():
        return found
    try:
        return _gnome(host, parts.hostname or "")
    except CollectError:
        return {}  # there is nothing to go by: the direct way says by itself where it fails


def _gnome(host: Host, name: str) -> Mapping[str, str]:
    """Raises CollectError."""
    general = settings(host, SCHEMA)
    if general.get("mode") != MANUAL or _left_out(general, name):
        return {}
    secure = settings(host, f"{SCHEMA}.https")
    server, port = SERVER.fullmatch(secure.get("host", "")), number(secure, "port")
    if server is None or not 0 < port < 65536:
        return {}
    shown = f"[{server[1]}]" if ":" in server[1] else server[1]
    return {"https": f"http://{shown}:{port}"}


def _left_out(general: Settings, name: str) -> bool:
    """Whether the person has named it among those that are reached directly."""
    for one in QUOTED.findall(general.get("ignore-hosts", "")[:10_000]):
        bare = one.lower().removeprefix("*").removeprefix(".")
        if bare and (name == bare or name.endswith(f".{bare}")):
            return True
    return False
