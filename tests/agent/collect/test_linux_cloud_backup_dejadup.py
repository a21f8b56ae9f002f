"""Déjà Dup on Linux: backends, the lists with their special names, and real gsettings behind it all."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from fakes import HOME, recorded_host
from hypothesis import given
from hypothesis import strategies as st

from agent.collect.host import CollectError, LocalHost
from agent.collect.linux.cloud_backup import probe
from agent.collect.linux.cloud_backup_dejadup import DEFAULTS, packaged, parse_keyfile, texts
from checks.cloud_backup.fact import Kind, Place, Product, Provider
from checks.evidence import Why

RECORDED = Path(__file__).parents[2] / "recordings" / "linux" / "backup-dejadup" / "google-daily" / "settings.txt"
BASE = {
    "/proc/self/mounts": "/dev/sda2 / ext4 rw 0 0\nnas:/x /mnt/nas nfs4 rw 0 0\n",
    "/usr/bin/deja-dup": "",
    "/usr/lib/x86_64-linux-gnu/gio/modules/libdconfsettings.so": "",
    f"{HOME}/.config/user-dirs.dirs": 'XDG_PICTURES_DIR="$HOME/Bilder"\nXDG_DOWNLOAD_DIR="$HOME/Downloads"\n',
}
LIST = ("gsettings", "list-recursively", "org.gnome.DejaDup")
KEYFILE = f"{HOME}/.var/app/org.gnome.DejaDup/config/glib-2.0/settings/keyfile"


def answer(**changes: str) -> str:
    values = {**DEFAULTS, "backend": "'google'", "periodic": "true", **changes}
    return "".join(f"org.gnome.DejaDup {key.replace('_', '-')} {value}\n" for key, value in values.items())


def one(*, folder: str = "'x'", **changes: str) -> Provider:
    commands: dict[Any, Any] = {
        LIST: answer(**changes),
        (*LIST[:2], f"{LIST[2]}.Local"): f"{LIST[2]}.Local folder {folder}\n",
    }
    (found,) = (
        each for each in probe(recorded_host(files=BASE, commands=commands)).providers if each.kind is Kind.BACKUP
    )
    assert found.product is Product.DEJA_DUP
    return found


@pytest.mark.parametrize(
    ("backend", "periodic", "uploads"),
    [
        ("'google'", "true", True), ("'microsoft'", "true", True), ("'remote'", "true", True),
        ("'rclone'", "true", True), ("'google'", "false", False), ("'auto'", "true", False),
        ("'drive'", "true", False), ("'brand-new'", "true", None),
        ("'google'", "maybe", None), ("google", "true", None),
    ],
)  # fmt: skip
def test_backend_and_period_decide(backend: str, periodic: str, uploads: bool | None) -> None:
    assert one(backend=backend, periodic=periodic).uploads is uploads


@pytest.mark.parametrize(
    ("folder", "uploads"), [("'/mnt/nas/b'", True), ("'/media/disk'", False), ("'$HOSTNAME'", False), ("''", False)]
)
def test_a_local_folder_may_lie_on_a_server(folder: str, uploads: bool) -> None:
    assert one(backend="'local'", folder=folder).uploads is uploads


def test_copies_in_a_local_folder_may_be_sent_on_by_another_client() -> None:
    commands: dict[Any, Any] = {
        LIST: answer(backend="'local'"), (*LIST[:2], f"{LIST[2]}.Local"): f"{LIST[2]}.Local folder '{HOME}/Dropbox/b'\n"
    }  # fmt: skip
    files = {**BASE, f"{HOME}/.dropbox/info.json": f'{{"personal": {{"path": "{HOME}/Dropbox"}}}}'}
    found = probe(recorded_host(files=files, commands=commands)).providers
    assert [(each.product, each.uploads, each.places) for each in found if each.kind is Kind.SYNC] == [
        (Product.DROPBOX, True, (Place.COPIES,))
    ]


ALL_OUT = (
    "'$DESKTOP', '$DOCUMENTS', '$VIDEO', '/home/clin/Pictures', '/home/clin/Desktop', 'Documents', '~/Videos', 'DCIM'"
)


@pytest.mark.parametrize(
    ("include", "exclude", "places"),
    [
        ("['$PICTURES']", "@as []", (Place.PICTURES,)),
        ("['$PICTURES']", "['$PICTURES']", ()),
        ("['$PICTURES/2026']", "@as []", (Place.PICTURES,)),
        ("['$PICTURES/2026']", "['$PICTURES']", ()),
        ("['$PICTURES']", "['$HOME']", (Place.PICTURES,)),
        ("['$PICTURES']", "['$PICTURES/private']", (Place.PICTURES,)),
        ("['$DOWNLOAD']", "['$TRASH']", (Place.DOWNLOADS,)),
        ("['$MUSIC']", "@as []", ()),
        ("['/srv']", "@as []", ()),
        ("@as []", "@as []", ()),
        ("['$HOME']", f"['$PICTURES', '$DOWNLOAD', {ALL_OUT}]", ()),
        ("['~']", f"['$DOWNLOAD', {ALL_OUT}]", (Place.PICTURES,)),
        # Leaving out the desktop's own Pictures leaves in an old folder of that name.
        ("['$HOME']", f"['$PICTURES', '$DOWNLOAD', {ALL_OUT.replace('/home/clin/Pictures', '/x')}]", (Place.PICTURES,)),
    ],
)
def test_the_nearest_of_the_lists_decides(include: str, exclude: str, places: tuple[Place, ...]) -> None:
    found = one(include_list=include, exclude_list=exclude)
    assert (found.places, found.uploads) == (places, bool(places))


def test_a_program_that_is_not_installed_is_not_asked_for() -> None:
    files = {path: text for path, text in BASE.items() if path != "/usr/bin/deja-dup"}
    fact = probe(recorded_host(files=files, commands={LIST: Why.TIMED_OUT}))
    assert ([each for each in fact.providers if each.kind is Kind.BACKUP], fact.gaps) == ([], ())


@pytest.mark.parametrize("why", [Why.TIMED_OUT, Why.TOOL_MISSING, Why.TOO_LARGE])
def test_settings_that_cannot_be_asked_for_are_a_gap(why: Why) -> None:
    fact = probe(recorded_host(files=BASE, commands={LIST: why}))
    assert [(gap.part, gap.why) for gap in fact.gaps] == [(Product.DEJA_DUP, why)]


@pytest.mark.parametrize(
    ("text", "uploads"),
    [
        ("[org/gnome/deja-dup]\nbackend='google'\nperiodic=true\n", True),
        ("[org/gnome/deja-dup]\nbackend='google'\n", False),
        (
            "[org/gnome/deja-dup]\nbackend='local'\nperiodic=true\n[org/gnome/deja-dup/local]\nfolder='/mnt/nas/x'\n",
            True,
        ),
        ("[org/gnome/deja-dup]\nbackend='local'\nperiodic=true\n", None),
        ("[org/gnome/deja-dup]\ngarbage\n", None),
    ],
)
def test_the_flatpak_keeps_a_file_of_its_own(text: str, uploads: bool | None) -> None:
    files = {"/proc/self/mounts": BASE["/proc/self/mounts"], KEYFILE: text}
    (found,) = (each for each in probe(recorded_host(files=files)).providers if each.kind is Kind.BACKUP)
    assert found.uploads is uploads


def test_a_flatpak_that_kept_nothing_is_not_set_up() -> None:
    assert parse_keyfile("[org/gtk/settings]\nx=1\n") is None


@pytest.mark.parametrize("value", ["", "[", "'a'", "['a' 'b']", "['a]", "[a]", "[1]", "['a',]"])
def test_lists_of_another_shape_are_not_understood(value: str) -> None:
    with pytest.raises(CollectError):
        texts(value)


@pytest.mark.parametrize(
    ("value", "items"),
    [("@as []", ()), ("[]", ()), ("['a', \"b'c\"]", ("a", "b'c")), (r"['a\'b']", ("a'b",)), ("['a, b']", ("a, b",))],
)
def test_lists_are_read_as_glib_writes_them(value: str, items: tuple[str, ...]) -> None:
    assert texts(value) == items


@given(st.text(st.sampled_from("[]'\"\\, ab@s"), max_size=30))
def test_any_list_is_items_or_not_understood(value: str) -> None:
    try:
        items = texts(value)
    except CollectError:
        return
    assert all(isinstance(item, str) for item in items)


SCHEMA = """<schemalist>
<schema id="org.gnome.DejaDup" path="/org/gnome/deja-dup/">
<key name="backend" type="s"><default>'auto'</default></key>
<key name="periodic" type="b"><default>false</default></key>
<key name="periodic-period" type="i"><default>7</default></key>
<key name="include-list" type="as"><default>['$HOME']</default></key>
<key name="exclude-list" type="as"><default>['$TRASH', '$DOWNLOAD']</default></key>
<child name="local" schema="org.gnome.DejaDup.Local"/>
</schema>
<schema id="org.gnome.DejaDup.Local" path="/org/gnome/deja-dup/local/">
<key name="folder" type="s"><default>'$HOSTNAME'</default></key>
</schema>
</schemalist>
"""
"""Written in the form of the program's own: its keys, types and defaults."""


def tool(name: str) -> str:
    found = shutil.which(name)
    assert found, f"{name} is needed: libglib2.0-bin, libglib2.0-dev-bin or dconf-cli"
    return found


def real(folder: Path, settings: str) -> LocalHost:
    """A home with a compiled schema and a dconf database of its own; needs no bus."""
    schemas = folder / "share" / "glib-2.0" / "schemas"
    schemas.mkdir(parents=True)
    (schemas / "org.gnome.DejaDup.gschema.xml").write_text(SCHEMA)
    subprocess.run([tool("glib-compile-schemas"), str(schemas)], check=True)
    (folder / "keys").mkdir()
    (folder / "keys" / "a").write_text(settings)
    (folder / ".config" / "dconf").mkdir(parents=True)
    subprocess.run(
        [tool("dconf"), "compile", str(folder / ".config" / "dconf" / "user"), str(folder / "keys")], check=True
    )
    (folder / ".cache").mkdir()
    return LocalHost(environ={
        "HOME": str(folder), "XDG_DATA_DIRS": f"{folder}/share:/usr/share", "XDG_CACHE_HOME": str(folder / ".cache"),
        "XDG_RUNTIME_DIR": str(folder),
    })  # fmt: skip


def test_real_defaults_are_not_set_up(tmp_path: Path) -> None:
    backup = packaged(real(tmp_path, ""))
    assert (backup.backend, backup.periodic) == ("auto", False)
    assert (backup.include, backup.exclude) == (("$HOME",), ("$TRASH", "$DOWNLOAD"))


def test_real_settings_are_read_from_the_persons_database(tmp_path: Path) -> None:
    text = (
        "[org/gnome/deja-dup]\nbackend='local'\nperiodic=true\nexclude-list=@as []\ninclude-list=['$HOME', \"/a'b\"]\n"
        "[org/gnome/deja-dup/local]\nfolder='/mnt/nas/copies'\n"
    )
    backup = packaged(real(tmp_path, text))
    assert (backup.backend, backup.periodic, backup.target) == ("local", True, "/mnt/nas/copies")
    assert (backup.include, backup.exclude) == (("$HOME", "/a'b"), ())


def test_recorded_settings_are_read_as_recorded() -> None:
    host = recorded_host(files=BASE, commands={LIST: RECORDED.read_text()})
    backup = packaged(host)
    assert (backup.backend, backup.periodic, backup.exclude) == ("google", True, ("$TRASH", "$DOWNLOAD"))
