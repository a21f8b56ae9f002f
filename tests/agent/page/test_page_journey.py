"""From plugging in to "ready for your shift": real phones' adb, a real console, a real browser, real pictures.

The phones and the pictures are drawn, of nobody. Only the page's own clock is turned, so that nobody waits for the time
to undo.
"""

import os
import re
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from visit_parts import Visit, visited

from agent.demo import album
from agent.demo.phone import VirtualPhone
from agent.demo.server import AdbServer
from agent.demo.stage import PHONES, recent

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests" / "reports" / "console"))

from journey import Laptop, Server, environment, running  # noqa: E402 - the console's own journey has the same parts

SCREENS = ROOT / "build" / "screens"
DAYS = 9
OTHERS = (
    "screen_lock", "cloud_backup", "remote_wipe", "encryption", "updates", "shared_use", "integrity", "users",
    "photo_access", "messaging_apps", "geotagging", "usb_debugging",
)  # fmt: skip


class Clock:
    """The page's steady clock, which can be turned on."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead_s


@dataclass(frozen=True, kw_only=True)
class Attached:
    """A phone that is set up well, and keeps three pictures too long."""

    server: AdbServer
    storage: Path


@pytest.fixture
def attached(tmp_path: Path) -> Iterator[Attached]:
    """On an adb server of its own."""
    storage, now = tmp_path / "sdcard", datetime.now(UTC)
    album.lay(str(storage), album.GOOD)
    album.lay_clinical(str(storage), now)
    (tmp_path / "adb").mkdir()
    with (
        VirtualPhone(
            serial="JOURNEY01", recording=f"{PHONES}/good", storage=str(storage), replaced=recent(now), writable=True
        ) as phone,
        AdbServer(str(tmp_path / "adb")) as server,
    ):
        assert server.connect(phone.address).startswith("connected to")
        yield Attached(server=server, storage=storage)


@pytest.fixture
def laptop(attached: Attached, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Laptop:
    """An account with a photo tree: one picture that looks clinical, in three places, among others."""
    home = tmp_path / "home"
    made = Laptop(
        home=home,
        more={
            "ANDROID_ADB_SERVER_PORT": str(attached.server.port),
            "SCRUBIN_STATE": str(tmp_path / "state"),
            "XDG_RUNTIME_DIR": str(tmp_path / "run"),
        },
    )
    (tmp_path / "run").mkdir(mode=0o700)
    (home / ".config" / "user-dirs.dirs").write_text(
        'XDG_PICTURES_DIR="$HOME/Pictures"\nXDG_DOWNLOAD_DIR="$HOME/Downloads"\n'
    )
    then_s = time.time() - DAYS * 86400
    for name in ("Pictures/bowel $(reboot).jpg", "Downloads/IMG_4711.jpg", ".local/share/Trash/files/IMG_4711.jpg"):
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / "agent" / "photos" / "planted" / "planted.jpg", path)
        os.utime(path, (then_s, then_s))
    for name, value in environment(home, **made.more).items():
        monkeypatch.setenv(name, value)
    for name in ("ANDROID_SERIAL", "ANDROID_ADB_SERVER_ADDRESS", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    return made


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """The practice's console."""
    words = ["--data", str(tmp_path / "console"), "--practice", "Example Practice"]
    with running(tmp_path / "server", words) as made:
        yield made


def kept(page: Page, name: str) -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENS / f"journey-{name}.png", full_page=True)


def checked(page: Page, visit: Visit) -> None:
    """The page shows the end of a check that looked at everything."""
    page.goto(f"http://{visit.opened.host}/")
    page.get_by_role("button", name="Check again").first.wait_for(timeout=120_000)


def deleted(page: Page, visit: Visit, clock: Clock) -> str:
    """Say of the first picture that it is in the record, and delete it with all copies."""
    page.goto(f"http://{visit.opened.host}/pictures")
    page.locator(".thumbs .cap a").first.click()
    page.get_by_label("It is in the record").check()
    page.get_by_role("button", name="Continue").click()
    for tick in page.locator(".gate-tick").all():
        tick.check()
    for copy in page.locator("input[name=copy]:not([disabled])").all():
        copy.check()  # those that only look the same are not ticked beforehand
    page.get_by_role("button", name=re.compile("^Delete [0-9]+ cop")).click()
    page.locator("#undo").wait_for()
    kept(page, "undo")
    clock.ahead_s += 31
    page.reload()  # whose script sees that the time is over
    page.wait_for_url(re.compile("/done/"))
    kept(page, "done")
    expect(page.locator("#panel h2").first).to_contain_text("deleted, and checked")
    return page.inner_text("main")


def practice_says(laptop: Laptop) -> None:
    """Only pictures count, and one thing that this laptop does well.

    Its own pictures are waived: a test's account is not at home in its home folder, so not all of it can be seen.
    """
    practice = Path(os.environ["SCRUBIN_SYSTEM_CONFIG"])
    (practice / "policy.d").mkdir(parents=True)
    findings = laptop.json("check", "--device", "laptop", code=None)["reports"][0]["findings"]
    well = next(one["check_id"] for one in findings if one["status"] == "pass")
    (practice / "policy.d" / "practice.toml").write_text(policy(well))
    uid = next(one["uid"] for one in findings if one["check_id"] == "clinical_images")
    until = (datetime.now(UTC) + timedelta(days=30)).strftime("%Y-%m-%dT00:00:00Z")
    (practice / "waivers.toml").write_text(
        f'[[waiver]]\nuid = "{uid}"\nwho = "Practice IT"\nwhy = "An account for tests."\nuntil = {until}\n'
    )


def policy(required: str) -> str:
    """All but pictures and this are recommended."""
    head = ('schema = "scrubin/policy/1"', 'layer = "practice"', 'id = "example"', 'version = "1"', 'name = "Example"')
    level = {one: "required" if one == required else "recommended" for one in OTHERS}
    checks = (f'[checks.{one}]\nlevel = "{word}"\nreason = "As on this day."' for one, word in level.items())
    return "\n".join((*head, *checks))


def left_on(attached: Attached) -> set[str]:
    """Of the drawn clinical pictures on the phone."""
    return {name for name in album.CLINICAL if (attached.storage / name).exists()}


def test_from_plugging_in_to_ready_with_the_console_showing_just_the_numbers(
    attached: Attached, laptop: Laptop, server: Server, chromium: Browser, tmp_path: Path
) -> None:
    operator = Laptop(home=tmp_path / "server")
    data = ["--data", str(tmp_path / "console")]
    code = operator.json("console", "code", "--label", "Ward 3 laptop", *data)["code"]
    assert laptop.json("enrol", server.address, code, "--yes")["practice"]["name"] == "Example Practice"
    practice_says(laptop)
    clock = Clock()
    with ExitStack() as after, visited(clock_s=clock) as visit:
        tab = chromium.new_page()
        after.callback(tab.close)
        tab.goto(visit.opened.link)
        tab.wait_for_url(f"http://{visit.opened.host}/")
        tab.goto(f"http://{visit.opened.host}/consent")
        tab.get_by_role("button", name="Yes, look at my pictures").click()
        checked(tab, visit)
        expect(tab.locator("h1")).to_contain_text("to fix")
        kept(tab, "found")
        tab.goto(f"http://{visit.opened.host}/pictures")
        expect(tab.locator("h1")).to_contain_text("4 pictures to decide")
        assert left_on(attached) == set(album.CLINICAL)
        told = [deleted(tab, visit, clock) for _ in range(4)]
        assert any("3 copies deleted" in one for one in told)
        assert left_on(attached) == set()
        assert not list(laptop.home.rglob("*.jpg"))
        checked(tab, visit)
        expect(tab.locator("h1")).to_contain_text("Ready for your shift", timeout=120_000)
        kept(tab, "ready")
    assert laptop.run("report", "send").code == 0
    devices = operator.json("console", "devices", *data, code=None)["devices"]
    assert len(devices) >= 2
    held = b"".join(one.read_bytes() for one in (tmp_path / "console").rglob("*") if one.is_file())
    assert b"clinical_images" in held
    for personal in ("bowel", "IMG_4711", "20261112_144103", str(laptop.home), "DCIM"):
        assert personal.encode() not in held, personal
