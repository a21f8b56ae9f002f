"""Mounts, layers of devices, pools and swap areas, each by itself."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from fakes import recorded_host
from hypothesis import given
from hypothesis import strategies as st

from agent.collect.host import CollectError, LocalHost, Output
from agent.collect.linux import encryption_swap, encryption_zfs
from agent.collect.linux.encryption_mounts import MOST, below, contains, holding, parse, unescape
from agent.collect.linux.encryption_storage import BLOCK, CIPHERS, DEEPEST, MOUNTS, Storage, every
from checks.evidence import Why

ROOT = "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n"


def line(number: int, parent: int, point: str, kind: str = "ext4", device: str = "8:1") -> str:
    return f"{number} {parent} {device} / {point} rw,relatime shared:1 - {kind} /dev/x rw\n"


def storage(
    files: Mapping[str, str | Why],
    *,
    mounts: str = ROOT,
    folders: Mapping[str, Sequence[str]] | None = None,
    **parts: Any,
) -> Storage:
    """Paths in `files` and `folders` that begin without a slash lie in /sys/class/block."""
    whole = {path if path.startswith("/") else f"{BLOCK}/{path}": text for path, text in files.items()}
    lists = {path if path.startswith("/") else f"{BLOCK}/{path}": names for path, names in (folders or {}).items()}
    return Storage(recorded_host(files={MOUNTS: mounts, **whole}, folders=lists, **parts))


def why_of(look: Any) -> Why:
    with pytest.raises(CollectError) as caught:
        look()
    return caught.value.why


# mounts


def test_a_line_of_mounts_is_read() -> None:
    (mount,) = parse(
        "36 35 98:0 /sub /mnt/My\\040Disk rw,noatime master:1 shared:2 - ext3 /dev/root\\134x rw,errors=x\n"
    )
    assert (mount.id, mount.parent, mount.device) == (36, 35, "98:0")
    assert (mount.point, mount.kind, mount.source) == ("/mnt/My Disk", "ext3", "/dev/root\\x")


def test_a_mount_may_lack_its_source_and_its_tags() -> None:
    (mount,) = parse("36 35 0:60 / /mnt rw - fuse  rw")
    assert (mount.source, mount.on_disk) == ("", False)


@pytest.mark.parametrize("odd", ["\u2028", "\x0b", "\x0c", "\x1c", "\x85"])
def test_odd_line_breaks_in_a_name_do_not_end_the_line(odd: str) -> None:
    (mount,) = parse(f"36 35 0:60 / /mnt/a{odd}b rw - fuse x rw")
    assert mount.point == f"/mnt/a{odd}b"


@pytest.mark.parametrize(
    "text",
    ["", "\n", "x", "1 0 8:1 / / rw ext4 /dev/sda1 rw", "1 0 8:1 / / rw - ext4", "1 0 8 / / rw - ext4 a rw",
     "a 0 8:1 / / rw - ext4 a rw", "1 0 8:1 / relative rw - ext4 a rw", f"{'9' * 11} 0 8:1 / / rw - ext4 a rw",
     "\u0661 0 8:1 / / rw - ext4 a rw", "- - - - - - -", "x" * 10**6, " " * 10**6],
)  # fmt: skip
def test_a_line_of_another_form_is_not_understood(text: str) -> None:
    assert why_of(lambda: parse(text)) is Why.UNPARSABLE


def test_as_many_mounts_as_we_can_hold_and_one_more() -> None:
    assert len(parse(ROOT * MOST)) == MOST
    assert why_of(lambda: parse(ROOT * (MOST + 1))) is Why.TOO_LARGE


@pytest.mark.parametrize(("folder", "path", "held"), [
    ("/", "/home", True), ("/home", "/home", True), ("/home", "/home/a", True), ("/home", "/homes", False),
    ("/home/a", "/home", False), ("/", "/", True),
])  # fmt: skip
def test_a_folder_contains_whole_names_only(folder: str, path: str, held: bool) -> None:
    assert contains(folder, path) is held


def test_the_innermost_mount_holds_a_path() -> None:
    mounts = parse(ROOT + line(2, 1, "/home") + line(3, 2, "/home/clin") + line(4, 1, "/homes"))
    assert holding(mounts, "/home/clin/Pictures").id == 3
    assert holding(mounts, "/home/other").id == 2
    assert holding(mounts, "/srv").id == 1


def test_of_two_mounts_at_one_place_the_upper_one_holds() -> None:
    assert holding(parse(ROOT + line(2, 1, "/home") + line(3, 2, "/home")), "/home/clin").id == 3
    assert holding(parse(ROOT + line(2, 1, "/home") + line(3, 1, "/home")), "/home/clin").id == 3
    assert holding(parse(ROOT + line(2, 1, "/")), "/home/clin").id == 2


def test_a_mount_hides_what_was_mounted_below_its_place_before() -> None:
    mounts = parse(ROOT + line(2, 1, "/home/clin") + line(3, 1, "/home"))
    assert holding(mounts, "/home/clin").id == 3
    assert list(below(mounts, "/home")) == []


def test_mounts_below_a_folder_leave_out_its_own_and_its_neighbours() -> None:
    mounts = parse(ROOT + line(2, 1, "/home") + line(3, 2, "/home/a") + line(4, 3, "/home/a/b") + line(5, 1, "/homes"))
    assert [mount.id for mount in below(mounts, "/home")] == [3, 4]


def test_a_root_that_is_its_own_parent_is_the_root() -> None:
    assert holding(parse("1 1 8:1 / / rw - ext4 a rw"), "/home").id == 1


@pytest.mark.parametrize(
    "text",
    [line(2, 1, "/home"), ROOT + line(2, 1, "/a") + line(2, 2, "/a") + line(3, 2, "/a") + line(2, 3, "/a"),
     line(1, 2, "/") + line(2, 1, "/")],
)  # fmt: skip
def test_mounts_that_form_no_tree_are_not_understood(text: str) -> None:
    assert why_of(lambda: holding(parse(text), "/a")) is Why.UNPARSABLE


@given(st.text())
def test_names_without_a_backslash_stay_as_they_are(text: str) -> None:
    plain = text.replace("\\", "")
    assert unescape(plain) == plain
    assert unescape("a\\011b\\134c\\9") == "a\tb\\c\\9"


# layers


@pytest.mark.parametrize("cipher", CIPHERS)
def test_an_encrypted_layer_is_enough_whatever_lies_below(cipher: str) -> None:
    assert storage({"dm-0/dm/uuid": f"{cipher}abc-name\n"}).device("dm-0") is True


@pytest.mark.parametrize(
    "uuid", ["CRYPT-VERITY-abc-x", "CRYPT-INTEGRITY-abc-x", "LVM-abc", "mpath-abc", "crypt-luks2-x"]
)
def test_a_layer_that_hides_nothing_is_what_lies_below_it(uuid: str) -> None:
    below_it = {"dm-0/dm/uuid": uuid, "sda/device/uevent": "x", "dm-9/dm/uuid": "CRYPT-LUKS2-a"}
    assert storage(below_it, folders={"dm-0/slaves": ["sda"]}).device("dm-0") is False
    assert storage(below_it, folders={"dm-0/slaves": ["dm-9"]}).device("dm-0") is True


def test_plain_disks_under_a_layer_without_an_id_prove_nothing() -> None:
    files = {"dm-0/dm/uuid": "\n", "sda/device/uevent": "x", "dm-9/dm/uuid": "CRYPT-LUKS2-a"}
    assert why_of(lambda: storage(files, folders={"dm-0/slaves": ["sda"]}).device("dm-0")) is Why.NOT_SAID
    assert storage(files, folders={"dm-0/slaves": ["dm-9"]}).device("dm-0") is True


def test_one_plain_leg_makes_an_array_plain_even_beside_one_not_seen() -> None:
    files = {"sda/device/uevent": "x", "dm-9/dm/uuid": "CRYPT-LUKS2-a"}
    assert storage(files, folders={"md0/slaves": ["dm-9", "gone", "sda"]}).device("md0") is False
    assert why_of(lambda: storage(files, folders={"md0/slaves": ["dm-9", "gone"]}).device("md0")) is Why.NOT_FOUND


def test_a_partition_is_what_its_disk_is() -> None:
    links = {f"{BLOCK}/md0p1": "/sys/devices/virtual/block/md0/md0p1"}
    files = {"md0p1/partition": "1", "dm-9/dm/uuid": "CRYPT-LUKS2-a"}
    assert storage(files, folders={"md0/slaves": ["dm-9"]}, links=links).device("md0p1") is True


@pytest.mark.parametrize("target", [f"{BLOCK}/sda1", "/sys/devices/a/block/sda1", "/elsewhere/other", "sda1"])
def test_a_partition_whose_disk_does_not_show_is_not_said(target: str) -> None:
    files = {"sda1/partition": "1", "block/device/uevent": "x"}
    look = storage(files, links={f"{BLOCK}/sda1": target})
    assert why_of(lambda: look.device("sda1")) is Why.NOT_SAID


def test_a_loop_is_what_its_file_lies_on() -> None:
    files = {"loop0/loop/backing_file": "/srv/x.img\n", "dm-0/dm/uuid": "CRYPT-LUKS2-a"}
    links = {"/sys/dev/block/8:1": "/sys/devices/virtual/block/dm-0"}
    assert storage(files, links=links).device("loop0") is True


@pytest.mark.parametrize("name", ["nbd0", "zd0", "ram0"])
def test_a_device_on_nothing_that_we_know_is_not_said(name: str) -> None:
    assert why_of(lambda: storage({f"{name}/uevent": "DEVTYPE=disk"}).device(name)) is Why.NOT_SAID


def test_a_device_that_is_not_in_sys_is_not_found() -> None:
    assert why_of(lambda: storage({}).device("sda")) is Why.NOT_FOUND


@pytest.mark.parametrize("name", ["", ".", "..", "../../x", "a/b", "a b", "x" * 101, "\u0661", "a\nb"])
def test_a_name_that_is_no_device_is_not_followed(name: str) -> None:
    assert why_of(lambda: storage({}).device(name)) is Why.UNPARSABLE


def test_devices_in_a_circle_are_not_understood() -> None:
    circle = storage({}, folders={"dm-0/slaves": ["dm-1"], "dm-1/slaves": ["dm-0"]})
    assert why_of(lambda: circle.device("dm-0")) is Why.UNPARSABLE
    own = storage({"loop0/loop/backing_file": "/srv/x\n"}, links={"/sys/dev/block/8:1": "/sys/loop0"})
    assert why_of(lambda: own.device("loop0")) is Why.UNPARSABLE


def chain(length: int) -> Storage:
    folders = {f"d{number}/slaves": [f"d{number + 1}"] for number in range(length - 1)}
    return storage({f"d{length - 1}/device/uevent": "x"}, folders=folders)


def test_as_many_layers_as_we_follow_and_one_more() -> None:
    assert chain(DEEPEST).device("d0") is False
    assert why_of(lambda: chain(DEEPEST + 1).device("d0")) is Why.TOO_LARGE


def test_layers_that_meet_again_are_walked_once() -> None:
    # 2 ** 20 ways lead down from here.
    folders = {f"{side}{row}/slaves": [f"a{row + 1}", f"b{row + 1}"] for row in range(20) for side in "ab"}
    files = {f"{side}20/dm/uuid": "CRYPT-LUKS2-x" for side in "ab"}
    assert storage(files, folders=folders).device("a0") is True


@pytest.mark.parametrize(
    "path", ["sda/device/uevent", "sda/dm/uuid", "sda/partition", "sda/loop/backing_file", "sda/uevent"]
)
def test_what_may_not_be_read_is_a_reason_and_never_an_answer(path: str) -> None:
    assert why_of(lambda: storage({path: Why.NOT_PERMITTED}).device("sda")) is Why.NOT_PERMITTED


def test_a_list_of_layers_that_may_not_be_read_is_a_reason() -> None:
    host = recorded_host(files={MOUNTS: ROOT}, folders={f"{BLOCK}/dm-0/slaves": Why.UNREADABLE})
    assert why_of(lambda: Storage(host).device("dm-0")) is Why.UNREADABLE


# mounts on layers


@pytest.mark.parametrize("kind", ["ecryptfs", "fuse.gocryptfs", "fuse.encfs", "fuse.cryfs"])
def test_file_systems_that_encrypt_by_themselves(kind: str) -> None:
    assert storage({}, mounts=line(1, 0, "/", kind, "0:50")).under("/home") is True


@pytest.mark.parametrize("kind", ["overlay", "tmpfs", "nfs4", "9p", "virtiofs", "cifs", "fuse.sshfs", "bcachefs"])
def test_what_is_no_disk_of_this_machine_is_not_said(kind: str) -> None:
    assert why_of(lambda: storage({}, mounts=line(1, 0, "/", kind, "0:50")).under("/home")) is Why.NOT_SAID


def btrfs(members: Sequence[str]) -> Storage:
    return storage(
        {"dm-0/dm/uuid": "CRYPT-LUKS2-x", "sdb/device/uevent": "x"},
        mounts="1 0 0:30 / / rw - btrfs /dev/mapper/a rw",
        folders={"/sys/fs/btrfs": ["features", "other", "pool"], "/sys/fs/btrfs/other/devices": ["sdb"],
                 "/sys/fs/btrfs/pool/devices": members},
        links={"/dev/mapper/a": "/dev/dm-0"},
    )  # fmt: skip


def test_every_member_of_a_btrfs_pool_counts() -> None:
    assert btrfs(["dm-0"]).under("/") is True
    assert btrfs(["dm-0", "sdb"]).under("/") is False
    assert why_of(lambda: btrfs(["dm-1"]).under("/")) is Why.NOT_SAID
    assert why_of(lambda: btrfs(["dm-0", "gone"]).under("/")) is Why.NOT_FOUND


def test_a_device_is_named_by_where_its_links_lead() -> None:
    files = {"cciss!c0d0/device/uevent": "x", "dm-0/dm/uuid": "CRYPT-LUKS2-x"}
    look = storage(files, links={"/dev/mapper/a": "/dev/dm-0"})
    assert look.named("/dev/mapper/a") is True
    assert look.named("/dev/cciss/c0d0") is False
    assert why_of(lambda: look.named("/srv/file")) is Why.NOT_SAID


def test_every_says_no_before_it_says_that_it_could_not_see() -> None:
    def look(answer: bool | Why) -> bool:
        if isinstance(answer, Why):
            raise CollectError(answer)
        return answer

    assert every(look, []) is True
    assert every(look, [True, True]) is True
    assert every(look, [True, Why.TIMED_OUT, False]) is False
    assert why_of(lambda: every(look, [Why.TIMED_OUT, Why.NOT_FOUND, True])) is Why.TIMED_OUT


# ZFS

STATUS = (
    "  pool: tank\n state: ONLINE\n\n\tNAME\n\t  mirror-0\n\t    /dev/dm-0  ONLINE  0 0 0\n\t    /dev/sdb  ONLINE\n"
)


def zfs(own: Any, status: Any, **files: str) -> Storage:
    commands = {
        ("zfs", "get", "-H", "-o", "value", "encryption", "tank/my home"): own,
        ("zpool", "status", "-LP", "tank"): status,
    }
    return storage(
        {"dm-0/dm/uuid": "CRYPT-LUKS2-x", **files},
        mounts="1 0 0:30 / / rw - zfs tank/my\\040home rw",
        commands=commands,
    )


def test_a_dataset_is_encrypted_by_itself_or_by_all_disks_of_its_pool() -> None:
    assert zfs("aes-256-gcm\n", Why.TOOL_MISSING).under("/") is True
    assert zfs("off\n", "  /dev/dm-0 ONLINE").under("/") is True
    assert zfs("off\n", STATUS, **{"sdb/device/uevent": "x"}).under("/") is False


@pytest.mark.parametrize(
    ("own", "status", "why"),
    [
        (Why.TOOL_MISSING, STATUS, Why.TOOL_MISSING),
        (Output(exit_code=1, stdout="on", stderr="no such dataset"), STATUS, Why.TOOL_FAILED),
        ("-\n", STATUS, Why.UNPARSABLE),
        ("", STATUS, Why.UNPARSABLE),
        ("aes-256-gcm\noff\n", STATUS, Why.UNPARSABLE),
        ("off", "no pools available", Why.UNPARSABLE),
        ("off", "  /srv/disk.img ONLINE", Why.NOT_SAID),
        ("off", Why.TIMED_OUT, Why.TIMED_OUT),
    ],
)
def test_a_pool_that_does_not_answer_is_a_reason(own: Any, status: Any, why: Why) -> None:
    assert why_of(lambda: zfs(own, status).under("/")) is why


@pytest.mark.parametrize("dataset", ["", "-o", "tank@x;y", "tank\nx", "t" * 256, "/tank"])
def test_a_name_that_is_no_dataset_reaches_no_command(dataset: str) -> None:
    assert why_of(lambda: encryption_zfs.encrypted(recorded_host(), dataset)) is Why.UNPARSABLE


# swap

TITLES = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"


def swap(rows: str, files: Mapping[str, str | Why] | None = None, **parts: Any) -> bool:
    whole = {MOUNTS: ROOT, "/proc/swaps": TITLES + rows}
    whole |= {f"{BLOCK}/{path}": text for path, text in (files or {}).items()}
    host = recorded_host(files=whole, **parts)
    return encryption_swap.swap(host, Storage(host))


def test_no_swap_at_all_reaches_no_disk() -> None:
    assert swap("") is True


@pytest.mark.parametrize(
    ("rows", "encrypted"),
    [
        ("/dev/dm-0 partition 8 0 -2\n", True),
        ("/dev/sda partition 8 0 -2\n", False),
        ("/dev/dm-0 partition 8 0 -2\n/dev/sda\t\tpartition\t8\t0\t-3\n", False),
        ("/swap\\040file file 8 0 -2\n", False),
        ("/dev/mapper/swap partition 8 0 -2\n", True),
    ],
)
def test_every_swap_area_counts(rows: str, encrypted: bool) -> None:
    files = {"dm-0/dm/uuid": "CRYPT-PLAIN-swap\n", "sda/device/uevent": "x"}
    links = {"/sys/dev/block/8:1": "/sys/devices/sda", "/dev/mapper/swap": "/dev/dm-0"}
    assert swap(rows, files, links=links) is encrypted


@pytest.mark.parametrize(
    ("behind", "encrypted"), [(None, True), ("none\n", True), ("/dev/dm-0\n", True), ("/dev/sda\n", False)]
)
def test_compressed_memory_reaches_a_disk_only_where_it_has_one_to_write_to(
    behind: str | None, encrypted: bool
) -> None:
    files: dict[str, str | Why] = {"dm-0/dm/uuid": "CRYPT-PLAIN-swap\n", "sda/device/uevent": "x"}
    if behind is not None:
        files["zram0/backing_dev"] = behind
    assert swap("/dev/zram0 partition 8 0 100\n", files) is encrypted


def test_compressed_memory_that_does_not_tell_is_a_reason() -> None:
    rows = "/dev/zram0 partition 8 0 100\n"
    assert why_of(lambda: swap(rows, {"zram0/backing_dev": Why.NOT_PERMITTED})) is Why.NOT_PERMITTED


@pytest.mark.parametrize(
    "text",
    ["", "/dev/sda partition 8 0 -2", TITLES + "x", TITLES + "/dev/sda disk 8 0 -2", TITLES + "sda partition 8 0 -2",
     TITLES + "/dev/a\u00a0partition 8 0 -2", "Auslagerung", "x" * 10**6, TITLES + " " * 10**6],
)  # fmt: skip
def test_swaps_in_another_form_are_not_understood(text: str) -> None:
    assert why_of(lambda: encryption_swap.parse(text)) is Why.UNPARSABLE


@given(st.text())
def test_any_text_is_read_or_not_understood(text: str) -> None:
    readers = (parse, encryption_swap.parse, encryption_zfs.parse_property, encryption_zfs.parse_status)
    for read in (*readers, lambda one: holding(parse(ROOT + one), "/home/clin")):
        why = None
        try:
            read(text)
        except CollectError as error:
            why = error.why
        assert why in {None, Why.UNPARSABLE}


def test_the_root_of_this_machine_is_found() -> None:
    assert Storage(LocalHost()).mount_of("/").point == "/"
