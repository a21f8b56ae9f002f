"""GNOME's settings and those of its relatives, with a guard against answers that are only defaults."""

import re
from collections.abc import Mapping

from agent.collect.absent import there
from agent.collect.host import CollectError, Command, Host
from agent.collect.linux.desktop import config_home
from checks.evidence import Why

DCONF_MODULE = "gio/modules/libdconfsettings.so"
LIBRARIES = (
    "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib/arm-linux-gnueabihf",
    "/usr/lib/riscv64-linux-gnu", "/usr/lib64", "/usr/lib",
)  # fmt: skip
DIVERTING = ("DCONF_PROFILE", "GSETTINGS_SCHEMA_DIR", "SNAP", "FLATPAK_ID")
"""Variables with which gsettings reads something else than the desktop does."""
Settings = Mapping[str, str]
"""key -> value as GVariant text without its type prefix: true, 300, 'suspend'."""


def settings(host: Host, schema: str) -> Settings:
    """All effective values of one schema. Raises NOT_FOUND when the schema is not installed."""
    trust(host)
    answer = host.run(Command(argv=("gsettings", "list-recursively", schema)))
    if answer.exit_code != 0:
        # "No such schema" is the one failure of this call that is an answer; the quotes round the name vary.
        missing = answer.stderr.startswith("No such schema")
        raise CollectError(Why.NOT_FOUND if missing else Why.TOOL_FAILED, f"{schema}: {answer.stderr[:200]}")
    if answer.stderr.strip():
        # Every warning seen here (no profile, no module, no cache folder) came with defaults and exit code 0.
        raise CollectError(Why.UNTRUSTED_CONTEXT, f"{schema}: {answer.stderr[:200]}")
    return parse(answer.stdout, schema)


def trust(host: Host) -> None:
    """Refuse where gsettings would print defaults and exit 0. Raises UNTRUSTED_CONTEXT.

    Seen: the memory and keyfile backends, any GLib without the dconf module (snap, flatpak, conda) and a database that
    may not be read all make a disabled lock look enabled.
    """
    if host.environ.get("GSETTINGS_BACKEND", "dconf") != "dconf":
        raise CollectError(Why.UNTRUSTED_CONTEXT, "GSETTINGS_BACKEND is set")
    for name in DIVERTING:
        if name in host.environ:
            raise CollectError(Why.UNTRUSTED_CONTEXT, f"{name} is set")
    if not any(there(host, f"{folder}/{DCONF_MODULE}") for folder in LIBRARIES):
        raise CollectError(Why.UNTRUSTED_CONTEXT, "GLib has no dconf module")
    _database(host)


def parse(text: str, schema: str) -> Settings:
    """Read `schema key value` lines. Raises UNPARSABLE on a line of another shape, and when there is none."""
    found = {}
    for line in text.removesuffix("\n").split("\n"):
        match = re.fullmatch(r"(?P<schema>[\w.-]+) (?P<key>[a-z0-9-]+) (?:u?int\d+ |double )?(?P<value>.*)", line)
        if match is None:
            raise CollectError(Why.UNPARSABLE, f"gsettings: {line[:200]}")
        if match["schema"] == schema:
            found[match["key"]] = match["value"]
    if not found:
        raise CollectError(Why.UNPARSABLE, f"gsettings printed nothing of {schema}")
    return found


def flag(values: Settings, key: str) -> bool:
    """A boolean. Raises UNPARSABLE for a missing key or another value."""
    match values.get(key):
        case "true":
            return True
        case "false":
            return False
        case other:
            raise CollectError(Why.UNPARSABLE, f"{key} = {other!r}"[:200])


def number(values: Settings, key: str) -> int:
    """A whole number of at most nine digits. Raises UNPARSABLE for a missing key or another value."""
    value = values.get(key, "")
    if not re.fullmatch(r"-?[0-9]{1,9}", value):
        raise CollectError(Why.UNPARSABLE, f"{key} = {value!r}"[:200])
    return int(value)


def _database(host: Host) -> None:
    """The person's database can be read, or there is none and defaults are the truth. It is binary: UNPARSABLE is fine.

    dconf says nothing about a database that it may not read, and hands out defaults.
    """
    try:
        host.read(f"{config_home(host)}/dconf/user")
    except CollectError as error:
        if error.why not in {Why.NOT_FOUND, Why.UNPARSABLE, Why.TOO_LARGE}:
            raise CollectError(Why.UNTRUSTED_CONTEXT, f"the dconf database: {error.why}") from error
