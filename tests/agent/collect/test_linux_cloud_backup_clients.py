"""Settings of sync clients on Linux: each parser on what its client writes, and on anything else."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from fakes import HOME, recorded_host
from hypothesis import given
from hypothesis import strategies as st

from agent.collect.host import CollectError, Host
from agent.collect.linux import (
    cloud_backup_accounts,
    cloud_backup_dropbox,
    cloud_backup_nextcloud,
    cloud_backup_onedrive,
    cloud_backup_syncthing,
)
from agent.collect.linux.cloud_backup import probe
from checks.cloud_backup.fact import Kind, Product, Provider
from checks.evidence import Gap, Why

MOUNTS = {"/proc/self/mounts": "/dev/sda2 / ext4 rw 0 0\n"}
CFG = f"{HOME}/.config/Nextcloud/nextcloud.cfg"
ONEDRIVE = f"{HOME}/.config/onedrive"
DROPBOX = f"{HOME}/.dropbox"
SYNCTHING = f"{HOME}/.config/syncthing/config.xml"


def looked(files: Mapping[str, Any], *argvs: tuple[str, ...], **more: Any) -> tuple[list[Provider], tuple[Gap, ...]]:
    processes = [{"name": argv[0].split("/")[-1], "argv": list(argv)} for argv in argvs]
    host: Host = recorded_host(files={**MOUNTS, **files}, processes=processes, **more)
    fact = probe(host)
    return list(fact.providers), fact.gaps


def one(files: Mapping[str, Any], *argvs: tuple[str, ...], **more: Any) -> Provider:
    (found,), _ = looked(files, *argvs, **more)
    return found


def account(*lines: str) -> str:
    return "[General]\nx=1\n[Accounts]\n" + "\n".join(lines) + "\n"


def test_nextcloud_numbers_have_gaps_and_two_digits() -> None:
    text = account(
        r"0\Folders\1\localPath=/a", r"0\Folders\10\localPath=/b/", r"12\Folders\3\localPath=/c", r"0\url=https://x"
    )
    setup = cloud_backup_nextcloud.parse(text)
    assert setup is not None
    assert (setup.roots, setup.signed_in) == (("/a", "/b/", "/c"), True)


@pytest.mark.parametrize("group", ["Folders", "FoldersWithPlaceholders", "Multifolders"])
@pytest.mark.parametrize(("paused", "roots"), [("true", ()), ("false", ("/a",)), ("", ("/a",)), ("maybe", ("/a",))])
def test_nextcloud_leaves_out_paused_folders_only(group: str, paused: str, roots: tuple[str, ...]) -> None:
    setup = cloud_backup_nextcloud.parse(account(rf"0\{group}\1\localPath=/a", rf"0\{group}\1\paused={paused}"))
    assert setup is not None
    assert setup.roots == roots


def test_nextcloud_pause_of_one_folder_is_not_that_of_another_account() -> None:
    text = account(r"0\Folders\1\localPath=/a", r"0\Folders\1\paused=true", r"1\Folders\1\localPath=/b")
    setup = cloud_backup_nextcloud.parse(text)
    assert setup is not None
    assert setup.roots == ("/b",)


def test_nextcloud_without_an_account_is_not_set_up() -> None:
    assert cloud_backup_nextcloud.parse("[General]\nlaunchOnSystemStartup=true\n") is None
    assert cloud_backup_nextcloud.parse("") is None


def test_nextcloud_account_without_folders_sends_nothing() -> None:
    assert one({CFG: account(r"0\url=https://x")}, ("nextcloud",)).uploads is False


@pytest.mark.parametrize("text", ["[Accounts]\ngarbage\n", account(r"0\Folders\1\paused=false"), "\x07"])
def test_nextcloud_text_of_another_shape_is_not_understood(text: str) -> None:
    with pytest.raises(CollectError) as caught:
        cloud_backup_nextcloud.parse(text)
    assert caught.value.why is Why.UNPARSABLE


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("/home/a/Bilder", "/home/a/Bilder"), (r"/home/a/Im\xe1genes", "/home/a/Imágenes"),
        (r'"/home/a/x, y"', "/home/a/x, y"), (r"/a\\b", r"/a\b"), (r"\x56fe\x7247", "图片"), (r"/a\"b", '/a"b'),
        ("/a/öß", "/a/öß"),
    ],
)  # fmt: skip
def test_nextcloud_values_are_read_as_qt_wrote_them(written: str, read: str) -> None:
    assert cloud_backup_nextcloud.unquote(written) == read


def test_a_letter_that_does_not_exist_is_not_understood() -> None:
    with pytest.raises(CollectError):
        cloud_backup_nextcloud.unquote(r"\xffffff")


@pytest.mark.parametrize(
    "path",
    [
        ".config/Nextcloud/nextcloud.cfg", ".local/share/data/Nextcloud/nextcloud.cfg",
        ".var/app/com.nextcloud.desktopclient.nextcloud/config/Nextcloud/nextcloud.cfg",
        "snap/nextcloud-desktop-client/current/.config/Nextcloud/nextcloud.cfg", ".config/ownCloud/owncloud.cfg",
    ],
)  # fmt: skip
def test_nextcloud_and_owncloud_are_found_wherever_they_are_installed_from(path: str) -> None:
    found = one({f"{HOME}/{path}": account(rf"0\Folders\1\localPath={HOME}/Pictures")})
    assert (found.uploads, found.running) == (True, False)
    assert found.product is (Product.OWNCLOUD if "ownCloud" in path else Product.NEXTCLOUD)


def test_nextcloud_settings_named_on_the_command_line_are_read() -> None:
    files = {"/srv/nc/nextcloud.cfg": account(rf"0\Folders\1\localPath={HOME}/Pictures")}
    assert one(files, ("/opt/nextcloud", "--confdir", "/srv/nc/")).uploads is True


def test_nextcloudcmd_in_a_crontab_sends_the_folder_that_it_names() -> None:
    commands = {("crontab", "-l"): "@hourly nextcloudcmd --silent ~/Pictures https://cloud.example.org\n"}
    found = one({}, commands=commands)
    assert (found.uploads, found.starts) == (True, True)


@pytest.mark.parametrize("path", ["Pictures", "", "~/Pictures"])
def test_a_root_that_is_no_absolute_path_is_a_gap(path: str) -> None:
    found, gaps = looked({CFG: account(rf"0\Folders\1\localPath={path}")})
    assert (found[0].uploads, gaps[0].why) == (None, Why.UNPARSABLE)


def signed_in(config: str | Why, **more: Any) -> dict[str, Any]:
    return {f"{ONEDRIVE}/refresh_token": "", f"{ONEDRIVE}/config": config, **more}


@pytest.mark.parametrize(
    ("config", "uploads"),
    [
        ('sync_dir = "~/Pictures"', True), ('sync_dir="$HOME/Pictures"', True), (f'sync_dir = "{HOME}"', True),
        ('# sync_dir = "~/Pictures"', False), ("", False), ('sync_dir = "~/OneDrive"', False),
        ('sync_dir = "~/"\ndownload_only = "true"', False), ('sync_dir = "~/"\nupload_only = "true"', True),
        ('sync_dir = "~/"\nread_only_auth_scope = "true"', False), ('sync_dir = "~/"\ndry_run = "true"', False),
        ('sync_dir = "~/"\nskip_dir = "Pictures|x"', None), ('sync_dir = "~/Work"\nskip_dir = "x"', False),
        ("sync_dir = ~/Pictures", None), ("garbage", None), ('sync_dir = "Pictures"', None),
    ],
)  # fmt: skip
def test_onedrive_by_its_settings(config: str, uploads: bool | None) -> None:
    assert one(signed_in(config), ("onedrive", "--monitor")).uploads is uploads


def test_onedrive_without_a_token_was_never_signed_in() -> None:
    found = one({f"{ONEDRIVE}/config": 'sync_dir = "~/"\n'})
    assert (found.uploads, found.signed_in) == (False, False)


def test_onedrive_signed_in_by_the_companys_broker_has_no_token() -> None:
    found = one({f"{ONEDRIVE}/config": 'sync_dir = "~/"\nuse_intune_sso = "true"\n'})
    assert (found.uploads, found.signed_in) == (True, None)


def test_onedrive_keeps_a_folder_of_settings_for_each_account() -> None:
    files = {**signed_in(""), f"{ONEDRIVE}-work/refresh_token": "", f"{ONEDRIVE}-work/config": 'sync_dir = "~/DCIM"\n'}
    found, _ = looked(files)
    assert [one.uploads for one in found] == [False, True]


def test_onedriver_settings_are_not_those_of_onedrive() -> None:
    assert looked({f"{HOME}/.config/onedriver/config.yml": "log: debug\n"})[0] == []


@pytest.mark.parametrize(
    ("argv", "uploads"),
    [
        (("--confdir=/srv/od",), True), (("--confdir", "/srv/od", "--monitor"), True),
        (("--confdir", "/srv/od", "--download-only"), False), (("--confdir", "/srv/od", "--syncdir", "/srv/x"), False),
    ],
)  # fmt: skip
def test_onedrive_settings_named_on_the_command_line_are_read(argv: tuple[str, ...], uploads: bool) -> None:
    files = {"/srv/od/refresh_token": "", "/srv/od/config": 'sync_dir = "~/Pictures"\n'}
    assert one(files, ("/usr/bin/onedrive", *argv)).uploads is uploads


def test_onedrive_that_runs_is_not_silenced_by_a_unit_that_only_downloads() -> None:
    unit = {f"{HOME}/.config/systemd/user/od.service": "[Service]\nExecStart=onedrive --monitor --download-only\n"}
    wants = {f"{HOME}/.config/systemd/user/default.target.wants": ["od.service"]}
    found, _ = looked({**signed_in('sync_dir = "~/"\n'), **unit}, ("onedrive", "--monitor"), folders=wants)
    assert [one.uploads for one in found] == [True, False]


def test_onedrive_token_that_may_not_be_seen_is_a_gap() -> None:
    found, gaps = looked({f"{ONEDRIVE}/config": "", f"{ONEDRIVE}/refresh_token": Why.NOT_PERMITTED})
    assert (found[0].uploads, gaps[0].why) == (None, Why.NOT_PERMITTED)


@pytest.mark.parametrize(("skip", "uploads"), [("false", True), ("true", False)])
def test_onedrive_follows_links_unless_told_not_to(skip: str, uploads: bool) -> None:
    links = {f"{HOME}/OneDrive/x": f"{HOME}/Pictures/album"}
    folders = {f"{HOME}/OneDrive": ["work", "x"]}
    assert one(signed_in(f'skip_symlinks = "{skip}"\n'), links=links, folders=folders).uploads is uploads


def test_nextcloud_does_not_follow_links_inside_its_root() -> None:
    links = {f"{HOME}/Nextcloud/x": f"{HOME}/Pictures"}
    files = {CFG: account(rf"0\Folders\1\localPath={HOME}/Nextcloud")}
    assert one(files, links=links, folders={f"{HOME}/Nextcloud": ["x"]}).uploads is False


@pytest.mark.parametrize(
    ("text", "uploads"),
    [
        (f'{{"personal": {{"path": "{HOME}/Pictures"}}}}', True),
        (f'{{"personal": {{"path": "{HOME}/Dropbox"}}, "business": {{"path": "{HOME}"}}}}', True),
        (f'{{"personal": {{"path": "{HOME}/Dropbox", "is_team": false}}}}', False),
        ("{}", False), ("[]", None), ("{", None), ("", None), ('{"personal": {}}', None), ('{"personal": 3}', None),
        ('{"personal": {"path": 3}}', None), ("[" * 100_000, None), ('{"a": {"path": "relative"}}', None),
    ],
)  # fmt: skip
def test_dropbox_by_its_list_of_accounts(text: str, uploads: bool | None) -> None:
    assert one({f"{DROPBOX}/info.json": text}, ("dropbox",)).uploads is uploads


def test_dropbox_without_its_list_was_never_linked() -> None:
    found = one({}, folders={DROPBOX: ["instance1"]})
    assert (found.uploads, found.signed_in) == (False, False)


def test_dropbox_flatpak_is_found() -> None:
    path = f"{HOME}/.var/app/com.dropbox.Client/.dropbox/info.json"
    assert one({path: f'{{"personal": {{"path": "{HOME}"}}}}'}).uploads is True


@pytest.mark.parametrize(
    ("text", "uploads"),
    [
        (f"[auth]\naccount_id = x\n[sync]\npath = {HOME}/Pictures\nexcluded_items = [\n\t'/a',\n\t]\n", True),
        (f"[main]\npath = '{HOME}/Pictures'\n", True), (f"[sync]\npath = {HOME}/Dropbox\n", False),
        ("[auth]\naccount_id = x\n[sync]\npath = \n", None), ("[sync]\ngarbage\n", None),
    ],
)  # fmt: skip
def test_maestral_by_its_settings(text: str, uploads: bool | None) -> None:
    found = one({f"{HOME}/.config/maestral/work.ini": text})
    assert (found.product, found.uploads) == (Product.DROPBOX, uploads)


def test_maestral_that_was_never_linked_is_not_there() -> None:
    assert looked({f"{HOME}/.config/maestral/maestral.ini": "[auth]\naccount_id = \n[sync]\npath = \n"})[0] == []


def syncthing(folder: str, rest: str = "") -> str:
    return f"<configuration>{folder}{rest}</configuration>"


TWO = '<device id="A"/><device id="B"/>'


@pytest.mark.parametrize(
    ("text", "uploads"),
    [
        (syncthing(f'<folder path="~/Pictures">{TWO}</folder>'), True),
        (syncthing(f'<folder path="{HOME}/Pictures" type="sendonly">{TWO}</folder>'), True),
        (syncthing(f'<folder path="~/Pictures" type="receiveonly">{TWO}</folder>'), False),
        (syncthing(f'<folder path="~/Pictures" type="receiveencrypted">{TWO}</folder>'), False),
        (syncthing(f'<folder path="~/Pictures">{TWO}<paused>true</paused></folder>'), False),
        (syncthing(f'<folder path="~/Pictures">{TWO}<versioning><paused>true</paused></versioning></folder>'), True),
        (syncthing('<folder path="~/Pictures"><device id="A"/></folder>'), False),
        (syncthing("", f'<defaults><folder path="~">{TWO}</folder></defaults>'), False),
        (syncthing('<folder id="x"></folder>'), None),
        ("<configuration>", None), ("", None), ("<other/>", None), ("<a>" * 100_000, None),
        ('<!DOCTYPE a [<!ENTITY b "c">]>' + syncthing(f'<folder path="~/Pictures">{TWO}</folder>'), None),
        ('<?xml version="1.0" encoding="klingon"?>' + syncthing(""), False),
    ],
)  # fmt: skip
def test_syncthing_by_its_folders(text: str, uploads: bool | None) -> None:
    assert one({SYNCTHING: text}, ("syncthing",)).uploads is uploads


def test_syncthing_settings_named_on_the_command_line_are_read() -> None:
    files = {"/srv/st/config.xml": syncthing(f'<folder path="~/Pictures">{TWO}</folder>')}
    assert one(files, ("syncthing", "serve", "--home=/srv/st")).uploads is True


def test_accounts_of_the_desktop_are_shown_and_send_nothing() -> None:
    text = (
        "[Account a_0]\nProvider=google\nFilesEnabled=true\n[Account a_1]\nProvider=ms_graph\nFilesEnabled=false\n"
        "[Account a_2]\nProvider=new_service\nFilesEnabled=true\n"
    )
    found, _ = looked({f"{HOME}/.config/goa-1.0/accounts.conf": text})
    assert [(one.product, one.kind, one.uploads) for one in found] == [
        (Product.GOOGLE_DRIVE, Kind.ACCOUNT, False), (Product.ONLINE_ACCOUNT, Kind.ACCOUNT, False),
    ]  # fmt: skip


def test_kdes_accounts_are_shown_and_send_nothing() -> None:
    found = one({f"{HOME}/.config/libaccounts-glib/accounts.db": ""})
    assert (found.product, found.uploads) == (Product.ONLINE_ACCOUNT, False)


def test_a_client_that_runs_without_known_settings_is_never_off() -> None:
    for product in (Product.NEXTCLOUD, Product.DROPBOX, Product.SYNCTHING):
        found, gaps = looked({}, (str(product),))
        assert [(one.product, one.uploads) for one in found] == [(product, None)]
        assert [(gap.part, gap.why) for gap in gaps] == [(product, Why.NOT_FOUND)]


def test_maestral_behind_its_interpreter_is_found() -> None:
    found = one({}, ("/usr/bin/python3.11", "-c", "from maestral.daemon import start_maestral_daemon"))
    assert (found.product, found.running) == (Product.DROPBOX, True)


def test_other_python_programs_are_strangers() -> None:
    assert looked({}, ("/usr/bin/python3", "/usr/bin/update-manager"))[0] == []


def outcome(parse: Callable[[str], object], text: str) -> Why | None:
    try:
        parse(text)
    except CollectError as error:
        return error.why
    return None


PARSERS: list[Callable[[str], object]] = [
    cloud_backup_nextcloud.parse, cloud_backup_dropbox.parse_info, cloud_backup_dropbox.parse_maestral,
    lambda text: cloud_backup_onedrive.parse(text, HOME), lambda text: cloud_backup_syncthing.parse(text, HOME),
    cloud_backup_accounts.parse, cloud_backup_nextcloud.unquote,
]  # fmt: skip


@given(st.text() | st.text(st.sampled_from('[]\n={}"\\x0Accounts<>/sync path'), max_size=80))
def test_any_text_is_settings_or_not_understood(text: str) -> None:
    for parse in PARSERS:
        assert outcome(parse, text) in {None, Why.UNPARSABLE, Why.NOT_SAID}
