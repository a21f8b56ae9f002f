"""Linux encryption as a whole: the probe on made machines, on this one, and with the planted disk."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from fakes import HOME, laptop, recorded_host, rule_for
from hypothesis import given
from hypothesis import strategies as st

from agent.collect.catalog import probes
from agent.collect.host import CollectError, Host, LocalHost, Output
from agent.collect.layered import PlantedHost
from agent.collect.linux import encryption
from agent.collect.linux.encryption import CANARY, parse_lsattr, probe, probe_with
from agent.collect.linux.encryption_machine import MARKS, machine, processor_flags
from agent.collect.observe import observe
from agent.collect.recorded import load
from checks.encryption.check import CHECK, Limits, judge
from checks.encryption.fact import Machine
from checks.evaluate import evaluate
from checks.evidence import Unobserved, Why
from checks.model import Platform, Status

PLANTED = Path(encryption.__file__).parent / "canary" / "encryption"
RECORDINGS = sorted((Path(__file__).parents[2] / "recordings" / "linux" / "encryption").iterdir())
X86 = "processor\t: 0\nflags\t\t: fpu vme aes\n"
VM = "processor\t: 0\nflags\t\t: fpu hypervisor aes\n"
ROOT = "27 1 8:2 / / rw - {kind} /dev/sda2 rw\n"
DISK = {
    "/proc/swaps": "Filename Type Size Used Priority\n",
    "/proc/cpuinfo": X86,
    "/sys/class/block/sda2/partition": "2\n",
    "/sys/class/block/sda/device/uevent": "DRIVER=sd\n",
}
LINKS = {
    "/sys/dev/block/8:2": "/sys/devices/a/block/sda/sda2",
    "/sys/class/block/sda2": "/sys/devices/a/block/sda/sda2",
}


def plain(kind: str = "xfs", *, files: Mapping[str, Any] | None = None, **parts: Any) -> Any:
    """A laptop with one partition and no encryption."""
    links = {**LINKS, **parts.pop("links", {})}
    changed = {"/proc/self/mountinfo": ROOT.format(kind=kind), **DISK, **(files or {})}
    return recorded_host(files=changed, links=links, **parts)


def canary(host: Host) -> PlantedHost:
    files = {path.replace("{home}", HOME): str(PLANTED / name) for path, name in CANARY.files.items()}
    return PlantedHost(host, files, source=LocalHost())


def test_a_plain_disk_on_a_real_machine_fails() -> None:
    seen = probe(plain())
    assert (seen.home, seen.inside, seen.system, seen.swap) == (False, True, False, True)
    assert (seen.machine, seen.gaps) == (Machine.REAL, ())
    assert judge(seen, Limits()).status is Status.FAIL


@pytest.mark.parametrize("kind", ["ext4", "f2fs", "ubifs"])
@pytest.mark.parametrize(
    ("answer", "home", "why"),
    [
        (f"--------------e------- {HOME}\n", False, None),
        (f"-------------eE------- {HOME}\n", True, None),
        ("", None, Why.UNPARSABLE),
        (Why.TOOL_MISSING, None, Why.TOOL_MISSING),
        (Output(exit_code=1, stdout=f"E {HOME}", stderr="not supported"), None, Why.TOOL_FAILED),
    ],
)
def test_a_folder_may_be_encrypted_on_a_plain_disk(kind: str, answer: Any, home: bool | None, why: Why | None) -> None:
    seen = probe(plain(kind, commands={f"lsattr -d {HOME}": answer}))
    assert seen.home is home
    assert [gap.why for gap in seen.gaps] == ([] if why is None else [why])


@pytest.mark.parametrize("text", ["", "E", "lsattr: Fehler", "----E---- home", "E" * 41 + " /home", "-\u0415- /home"])
def test_marks_in_another_form_are_not_understood(text: str) -> None:
    with pytest.raises(CollectError) as caught:
        parse_lsattr(text)
    assert caught.value.why is Why.UNPARSABLE


def test_marks_may_be_as_long_as_the_tool_has_letters() -> None:
    assert parse_lsattr("E" * 40 + " /home") is True
    assert parse_lsattr("e /home") is False


def test_the_home_folder_is_looked_for_where_its_links_lead() -> None:
    mounts = ROOT.format(kind="xfs") + "28 27 0:51 / /var/home rw - ecryptfs secret rw\n"
    seen = probe(plain(files={"/proc/self/mountinfo": mounts}, links={"/home": "/var/home"}))
    assert (seen.home, seen.system) == (True, False)


def test_a_home_that_is_no_path_is_not_found() -> None:
    host = plain(links={HOME: "nowhere"})
    seen = probe(host)
    assert [(gap.part, gap.why) for gap in seen.gaps] == [("home", Why.NOT_FOUND), ("inside", Why.NOT_FOUND)]


def test_only_disks_inside_the_home_folder_count() -> None:
    more = (
        f"28 27 0:60 / {HOME}/Cloud rw - fuse.rclone remote rw\n29 27 0:61 / {HOME}/Server rw - nfs4 server:/x rw\n"
        "30 27 8:2 / /home/other rw - xfs /dev/sda2 rw\n"
    )
    assert probe(plain(files={"/proc/self/mountinfo": ROOT.format(kind="xfs") + more})).inside is True
    disk = more + f"31 27 8:2 / {HOME}/Pictures rw - xfs /dev/sda2 rw\n"
    assert probe(plain(files={"/proc/self/mountinfo": ROOT.format(kind="xfs") + disk})).inside is False


def test_a_pool_inside_the_home_folder_counts_although_its_number_is_no_disk() -> None:
    more = f"28 27 0:60 / {HOME}/Pictures rw - btrfs /dev/sda2 rw\n"
    folders = {"/sys/fs/btrfs": ["one"], "/sys/fs/btrfs/one/devices": ["sda2"]}
    host = plain(files={"/proc/self/mountinfo": ROOT.format(kind="xfs") + more}, folders=folders)
    assert probe(host).inside is False


LUKS = {
    "/proc/self/mountinfo": "27 1 254:0 / / rw - ext4 /dev/dm-0 rw\n28 27 8:2 / /data rw - xfs /dev/sda2 rw\n",
    "/sys/class/block/dm-0/dm/uuid": "CRYPT-LUKS2-00000000-root\n",
}
MAPPED = {"/sys/dev/block/254:0": "/sys/devices/virtual/block/dm-0"}
DIRS = f"{HOME}/.config/user-dirs.dirs"


def luks(*, files: Mapping[str, Any] | None = None, links: Mapping[str, str] | None = None, **parts: Any) -> Any:
    """A laptop with an encrypted disk and, on /data, a plain one."""
    return plain(files={**LUKS, **(files or {})}, links={**MAPPED, **(links or {})}, **parts)


def test_a_second_plain_disk_that_holds_no_pictures_does_not_count() -> None:
    seen = probe(luks())
    assert (seen.home, seen.inside) == (True, True)
    assert judge(seen, Limits()).status is Status.PASS


@pytest.mark.parametrize(
    "host",
    [
        luks(links={f"{HOME}/Pictures": "/data/p"}, folders={"/data/p": []}),
        luks(files={DIRS: 'XDG_PICTURES_DIR="/data/p"\n'}, folders={"/data/p": []}),
    ],
    ids=["by a link", "by the desktop's settings"],
)
def test_pictures_kept_on_a_plain_disk_outside_the_home_folder_fail(host: Host) -> None:
    seen = probe(host)
    assert (seen.home, seen.inside) == (True, False)
    assert judge(seen, Limits()).status is Status.FAIL


def test_a_folder_that_the_person_named_counts() -> None:
    host = luks(folders={"/data/clinic": []})
    assert (probe(host).inside, probe_with(("/data/clinic",))(host).inside) == (True, False)
    assert probes(Platform.LINUX, ("/data/clinic",))["encryption"].look(host).inside is False


HOME_ALONE = "27 1 8:2 / / rw - xfs /dev/sda2 rw\n28 27 254:0 / /home rw - ext4 /dev/dm-0 rw\n"


@pytest.mark.parametrize(
    ("table", "home"),
    [
        ("home UUID=1 /etc/keys/home luks\n", None), ("a UUID=1 none luks\nb UUID=2 /k\n", None),
        ("home UUID=1 none luks\n# x y /k\nhome\n", True), ("swap /dev/sda3 /dev/urandom swap\n", True),
        (Why.NOT_FOUND, True), (Why.NOT_PERMITTED, None),
    ],
)  # fmt: skip
def test_a_key_that_may_lie_on_the_plain_system_is_no_pass(table: Any, home: bool | None) -> None:
    files = {"/proc/self/mountinfo": HOME_ALONE, "/etc/crypttab": table}
    assert probe(luks(files=files)).home is home
    assert probe(luks(files={"/etc/crypttab": table})).home is True


def test_a_photo_folder_that_is_not_there_holds_no_pictures() -> None:
    assert probe(luks(files={DIRS: 'XDG_PICTURES_DIR="/data/p"\n'})).inside is True


def test_photo_folders_that_cannot_be_found_may_lie_on_a_plain_disk() -> None:
    seen = probe(luks(files={DIRS: Why.NOT_PERMITTED}))
    assert (seen.inside, [(gap.part, gap.why) for gap in seen.gaps]) == (None, [("inside", Why.NOT_PERMITTED)])


def test_a_home_that_is_not_the_accounts_own_is_never_shown_as_encrypted() -> None:
    other = {"/etc/passwd": "clin:x:1001:1001::/data/clin:/bin/sh\n"}
    assert [(gap.part, gap.why) for gap in probe(luks(files=other)).gaps] == [("home", Why.UNTRUSTED_CONTEXT)]
    assert probe(plain(files=other)).home is False


@pytest.mark.parametrize("why", [Why.NOT_PERMITTED, Why.TOO_LARGE, Why.NOT_FOUND])
def test_without_the_list_of_mounts_nothing_was_seen(why: Why) -> None:
    evidence = observe(probe, plain(files={"/proc/self/mountinfo": why}))
    assert isinstance(evidence, Unobserved)
    assert evidence.why is why


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        ({"/proc/cpuinfo": X86}, Machine.REAL),
        ({"/proc/cpuinfo": VM}, Machine.VIRTUAL),
        ({"/proc/cpuinfo": VM, "/sys/class/dmi/id/sys_vendor": "LENOVO\n"}, Machine.VIRTUAL),
        ({"/proc/cpuinfo": X86, "/sys/class/dmi/id/sys_vendor": "LENOVO\n"}, Machine.REAL),
        ({"/proc/cpuinfo": X86, "/sys/class/dmi/id/sys_vendor": "QEMU\n"}, Machine.VIRTUAL),
        ({"/proc/cpuinfo": X86, "/sys/class/dmi/id/sys_vendor": "Microsoft Corporation\n",
          "/sys/class/dmi/id/product_name": "Virtual Machine\n"}, Machine.VIRTUAL),
        ({"/proc/cpuinfo": X86, "/sys/class/dmi/id/sys_vendor": "Microsoft Corporation\n",
          "/sys/class/dmi/id/product_name": "Surface Laptop 5\n"}, Machine.REAL),
        ({"/proc/cpuinfo": "Features : fp asimd", "/proc/device-tree/compatible": "raspberrypi,5\0brcm,bcm2712\0"},
         Machine.REAL),
        ({"/proc/cpuinfo": "Features : fp asimd", "/proc/device-tree/compatible": "linux,dummy-virt\0"},
         Machine.VIRTUAL),
        ({"/proc/cpuinfo": X86, "/.dockerenv": ""}, Machine.CONTAINER),
        ({"/proc/cpuinfo": X86, "/run/.containerenv": ""}, Machine.CONTAINER),
        ({"/proc/cpuinfo": X86, "/run/systemd/container": "lxc\n"}, Machine.CONTAINER),
        ({"/proc/cpuinfo": X86, "/run/systemd/container": "none\n", "/.dockerenv": ""}, Machine.REAL),
    ],
)  # fmt: skip
def test_machines_are_told_apart(files: dict[str, str], wanted: Machine) -> None:
    assert machine(recorded_host(files=files)) is wanted


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({}, Why.NOT_FOUND),
        ({"/proc/cpuinfo": "Features : fp"}, Why.NOT_SAID),
        ({"/proc/cpuinfo": ""}, Why.NOT_SAID),
        ({"/proc/cpuinfo": X86, "/run/systemd/container": Why.NOT_PERMITTED}, Why.NOT_PERMITTED),
        ({"/proc/cpuinfo": X86, MARKS[0]: Why.NOT_PERMITTED}, Why.NOT_PERMITTED),
    ],
)
def test_a_machine_that_says_nothing_is_a_gap(files: dict[str, str | Why], why: Why) -> None:
    with pytest.raises(CollectError) as caught:
        machine(recorded_host(files=files))
    assert caught.value.why is why


def test_the_flag_is_a_word_of_its_own() -> None:
    assert "hypervisor" not in processor_flags("model name : hypervisor\nflags : nohypervisor\nflags : hypervisor")


@pytest.mark.parametrize("folder", RECORDINGS, ids=[path.name for path in RECORDINGS])
def test_the_planted_disk_fails_on_any_machine(folder: Path) -> None:
    planted = canary(load(str(folder), LocalHost()))
    evidence = observe(probe, planted)
    rule = rule_for(Limits())
    seen = evaluate(CHECK, laptop(), evidence, rule, now=planted.now(), profile="owner").finding
    assert (seen.status, CANARY.reason in seen.measures["reasons"]) == (Status.FAIL, True)  # type: ignore[operator]


@pytest.mark.parametrize("host", [recorded_host(), recorded_host(complete=False), LocalHost()])
def test_the_planted_disk_fails_here_and_where_nothing_is(host: Host) -> None:
    verdict = judge(probe(canary(host)), Limits())
    assert verdict.status is Status.FAIL
    assert verdict.points[0].reason == CANARY.reason


def test_this_machine_is_seen_or_says_why_not() -> None:
    seen = probe(LocalHost())
    parts = {
        "home": seen.home,
        "inside": seen.inside,
        "system": seen.system,
        "swap": seen.swap,
        "machine": seen.machine,
    }
    assert {part for part, value in parts.items() if value is None} == {gap.part for gap in seen.gaps}


def test_a_slow_or_stopped_look_leaves_the_other_parts() -> None:
    seen = probe(plain(files={"/proc/swaps": Why.TIMED_OUT, "/proc/cpuinfo": Why.STOPPED}))
    assert (seen.home, seen.swap, seen.machine) == (False, None, None)
    assert [(gap.part, gap.why) for gap in seen.gaps] == [("swap", Why.TIMED_OUT), ("machine", Why.STOPPED)]


@given(st.text(), st.text(), st.text())
def test_any_text_gives_a_fact_or_a_reason(mounts: str, swaps: str, processor: str) -> None:
    files = {"/proc/self/mountinfo": mounts, "/proc/swaps": swaps, "/proc/cpuinfo": processor}
    assert isinstance(observe(probe, plain(files=files)), Unobserved)
    del files["/proc/self/mountinfo"]
    assert probe(plain(files=files)).home is False
