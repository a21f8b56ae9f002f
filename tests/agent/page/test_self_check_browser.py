"""The first page in a real Chromium: wide, narrow, dark, printed, by keyboard, without script; axe finds nothing.

Screenshots stay in build/screens, to be looked at.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import axe_playwright_python
import pytest
from fakes import laptop, phone
from playwright.sync_api import Browser, ConsoleMessage, Page
from self_check_parts import BAD, GOOD, SERIAL, finding, left, policy, report
from virtual_phone.rig import PlugIn, adb_server, until, virtual_phone
from visit_parts import Visit, visited

from agent.demo.faults import Faults
from agent.demo.server import AdbServer
from agent.page.checking_model import Part, Step, Work
from checks.model import Attestation, Level, Status, Waiver, Word

__all__ = ["adb_server", "virtual_phone"]

SCREENS = Path(__file__).resolve().parents[3] / "build" / "screens"
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
SIZES = {"1280-light": (1280, False), "1280-dark": (1280, True), "360-light": (360, False), "320-dark": (320, True)}
Open = Callable[..., Page]


@pytest.fixture(autouse=True)
def own_adb(home: Path, adb_server: AdbServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(adb_server.port))


@pytest.fixture
def opened(home: Path, chromium: Browser) -> Iterator[Callable[..., tuple[Visit, Page]]]:
    """A page of its own in a window of its own; what the browser complains of fails the test."""
    said: list[str] = []
    after = []

    def open_(*, width: int = 1280, dark: bool = False, script: bool = True) -> tuple[Visit, Page]:
        there = visited()
        visit = there.__enter__()
        context = chromium.new_context(
            viewport={"width": width, "height": 800}, color_scheme="dark" if dark else "light",
            java_script_enabled=script,
        )  # fmt: skip
        after.extend([lambda: there.__exit__(None, None, None), context.close])
        window = context.new_page()
        window.goto(visit.opened.link)
        window.wait_for_url("**/")
        window.wait_for_selector("#answer")
        window.on("console", lambda one: said.append(one.text) if _complains(visit, one) else None)
        window.on("pageerror", lambda error: said.append(str(error)))
        return visit, window

    yield open_
    for one in reversed(after):
        one()
    assert said == []


def _complains(visit: Visit, one: ConsoleMessage) -> bool:
    """Not that a page which was closed answers no more."""
    return one.type in ("error", "warning") and not visit.page.stop.is_set()


def shot(window: Page, name: str) -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    window.screenshot(path=SCREENS / f"page-{name}.png", full_page=True)


def is_fit(window: Page) -> None:
    """Nothing is cut off sideways, and axe finds nothing serious, folded parts included."""
    window.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    assert window.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    window.evaluate(AXE)
    found = window.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    serious = [(one["id"], one["nodes"][0]["html"][:200]) for one in found if one["impact"] in ("serious", "critical")]
    assert serious == []
    window.evaluate("document.querySelectorAll('details').forEach(one => { one.open = false })")


def idle(visit: Visit, window: Page) -> None:
    """Until nothing runs, and the window shows it."""
    until(lambda: visit.page.checking.snapshot.ended_at is not None and not visit.page.checking._working)
    version = visit.page.checking.snapshot.version
    window.wait_for_selector(f'#live[hx-get="/now?v={version}"]')


def each(opened: Open) -> Iterator[tuple[str, Visit, Page]]:
    for name, (width, dark) in SIZES.items():
        yield name, *opened(width=width, dark=dark)


def test_the_first_run(opened: Open) -> None:
    for name, _, window in each(opened):
        assert window.title() == "Let's have a first look - scrubin"
        is_fit(window)
        shot(window, f"first-{name}")


def test_from_the_first_click_to_what_is_to_fix(opened: Open, virtual_phone: PlugIn) -> None:
    virtual_phone(recording=BAD, serial=SERIAL)
    visit, window = opened()
    window.get_by_role("button", name="Check this laptop").click()
    idle(visit, window)
    assert "to fix before your shift" in window.locator("h1").inner_text()
    assert "to fix before your shift" in window.title()
    for name, (width, dark) in SIZES.items():
        window.set_viewport_size({"width": width, "height": 800})
        window.emulate_media(color_scheme="dark" if dark else "light")
        is_fit(window)
        shot(window, f"fix-{name}")


def test_what_waits_for_allow(opened: Open, virtual_phone: PlugIn) -> None:
    policy(("shared_use",))
    left(report(laptop(), finding("shared_use", Status.PASS)))
    phone_ = virtual_phone(recording=GOOD, serial=SERIAL, faults=Faults(unauthorised=True))
    visit, window = opened()
    idle(visit, window)
    is_fit(window)
    shot(window, "allow-1280-light")
    phone_.allow()
    window.get_by_role("heading", name="Pixel 9a", exact=True).wait_for()  # by itself


def old_news() -> None:
    """A laptop with one line of each kind, and a phone that was seen five days ago."""
    made = report(
        laptop(),
        finding("screen_lock", Status.FAIL, measures={"reasons": ("lock_off",), "desktop": "gnome"}),
        finding("cloud_backup", Status.UNKNOWN),
        finding("remote_wipe", Status.ERROR, measures={"reasons": ("timed_out",)}),
        finding("encryption", Status.PASS),
        finding("updates", Status.FAIL, level=Level.RECOMMENDED),
        finding("users", Status.NOT_APPLICABLE),
    )
    now = made.generated_at
    waiver = Waiver(uid=made.findings[0].uid, who="IT", why="", until=now + timedelta(days=12))
    looked = Attestation(saw=Word.OFF, at=now - timedelta(hours=1), until=now + timedelta(days=29), counts=True)
    changed = (replace(made.findings[4], waiver=waiver), replace(made.findings[1], attestation=looked))
    left(replace(made, findings=(*made.findings, replace(changed[0], check_id="integrity"),
                                 replace(changed[1], check_id="geotagging"))))  # fmt: skip
    left(report(phone(), finding("screen_lock", Status.PASS)), ago=timedelta(days=5))


def test_every_kind_of_line_while_a_check_runs(opened: Open) -> None:
    left(report(laptop(), finding("shared_use", Status.PASS)))
    for name, visit, window in each(opened):
        board = visit.page.checking._board
        until(lambda visit=visit: visit.page.checking.snapshot.ended_at is not None)
        old_news()
        board._now = replace(board._now, held={}, work=Work(steps=STEPS), version=board._now.version + 1)
        window.reload()
        assert "Stop and show what you have" in window.locator("#work").inner_text()
        for word in ("To fix", "Can't tell", "Couldn't check", "Waived", "You looked", "Out of date", "Doesn't apply"):
            assert window.get_by_text(word, exact=True).first.count(), word
        assert "4,120 of 12,480" in window.locator("#work").inner_text()
        is_fit(window)
        shot(window, f"scanning-{name}")
        board.end(None)


STEPS = (
    Step(device_id="a", name="This laptop", part=Part.SETTINGS, done=13, total=13, ended=True),
    Step(device_id="b", name="Pixel 9a", part=Part.SETTINGS, done=7, total=13),
    Step(device_id="b", name="Pixel 9a", part=Part.PICTURES, done=4120, total=12480),
    Step(device_id="a", name="This laptop", part=Part.PICTURES),
)


def test_ready_on_paper_has_no_buttons(opened: Open) -> None:
    policy(("shared_use",))
    left(report(laptop(), finding("shared_use", Status.PASS)))
    visit, window = opened()
    idle(visit, window)
    assert window.locator("h1").inner_text() == "Ready for your shift"
    is_fit(window)
    shot(window, "ready-1280-light")
    window.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    window.emulate_media(media="print")
    assert [one for one in window.get_by_role("button").all() if one.is_visible()] == []
    assert window.locator("h1").is_visible()
    shot(window, "ready-print")


def test_the_other_pages(opened: Open) -> None:
    left(report(laptop(), finding("shared_use", Status.PASS)))
    for name, _, window in each(opened):
        for address in ("sent", "consent"):
            window.goto(f"{window.url.partition('/')[0]}//{window.url.split('/')[2]}/{address}")
            is_fit(window)
            shot(window, f"{address}-{name}")


def test_by_keyboard_alone(opened: Open) -> None:
    visit, window = opened()
    names = []
    for _ in range(12):
        window.keyboard.press("Tab")
        names.append(window.evaluate("document.activeElement.innerText.trim()"))
        if names[-1] == "Check this laptop":
            break
    assert names[0] == "Skip to main content"
    assert names[-1] == "Check this laptop"
    window.keyboard.press("Enter")
    idle(visit, window)
    window.wait_for_url("**/")
    assert window.locator("h1").inner_text() != "Let's have a first look"


def test_what_is_unfolded_stays_so_when_the_page_renews_itself(opened: Open) -> None:
    left(report(laptop(), finding("shared_use", Status.PASS)))
    visit, window = opened()
    idle(visit, window)
    fold = window.locator("details[id^=rest-]").first
    fold.locator("summary").first.click()
    visit.page.checking.say("Something to know.")
    window.get_by_text("Something to know.").wait_for()
    assert fold.evaluate("one => one.open")


def test_the_keyboard_stays_where_it_was_when_the_page_renews_itself(opened: Open) -> None:
    left(report(laptop(), finding("shared_use", Status.PASS)))
    visit, window = opened()
    idle(visit, window)
    window.get_by_role("button", name="Check again").focus()
    visit.page.checking.say("Something to know.")
    window.get_by_text("Something to know.").wait_for()
    assert window.evaluate("document.activeElement.innerText.trim()") == "Check again"


def test_facts_grow_old_on_a_page_that_is_left_open(opened: Open) -> None:
    left(report(laptop(), finding("shared_use", Status.PASS)))
    visit, window = opened()
    idle(visit, window)
    window.clock.install()
    window.reload()
    window.clock.fast_forward("07:00")
    assert "7 minutes ago" in window.locator(".answer .facts").inner_text()


def test_a_page_that_rests_or_has_closed_says_so(opened: Open) -> None:
    left(report(laptop(), finding("shared_use", Status.PASS)))
    visit, window = opened()
    idle(visit, window)
    for words in ("This page rests", "Your page has closed by itself"):
        assert not window.get_by_text(words).is_visible()
    visit.page.checking._attended_at = None
    window.get_by_text("This page rests").wait_for()
    window.reload()
    visit.page.stop.set()
    window.get_by_text("Your page has closed by itself").wait_for()


def test_without_a_script_everything_is_there(opened: Open, virtual_phone: PlugIn) -> None:
    virtual_phone(recording=GOOD, serial=SERIAL)
    visit, window = opened(script=False)
    window.get_by_role("button", name="Check this laptop").click()
    until(lambda: visit.page.checking.snapshot.ended_at is not None)
    window.get_by_role("heading", name="Pixel 9a", exact=True).wait_for()  # the page asks again by itself
    window.get_by_role("button", name="I'm not sure").first.click()
    window.get_by_text("which is an honest answer").wait_for()
