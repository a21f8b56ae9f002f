"""Every page in a real Chromium, narrow and wide, light and dark: no error, nothing serious for axe, nothing cut off.

Screenshots stay in build/screens, to be looked at.
"""

import re
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import axe_playwright_python
import pytest
import sqlalchemy as sa
import uvicorn
from consoles import made_console, practice_id
from playwright.sync_api import Browser, Page, sync_playwright
from starlette.datastructures import QueryParams

from checks.policy_form import LayerName
from reports.console import policies, serve, whole
from reports.console.auth import sessions
from reports.console.auth.callers import SESSION_COOKIE
from reports.console.console import Console
from reports.console.model import Access, Ask, Endpoint, Person, Role
from reports.console.store import tables

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "packaging" / "bench"))

import console_rows  # noqa: E402 - invented devices, which the measures use too

SCREENS = ROOT / "build" / "screens"
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
WIDE, NARROW = (1280, 900), (360, 740)
CHROMIUM = "/usr/bin/chromium"
PLACEHOLDER = re.compile(r"\{(\w+)(?::\w+)?\}")


@dataclass(frozen=True, kw_only=True)
class Running:
    """A console that listens."""

    console: Console
    address: str
    practice: str


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, empty_sqlite: Path) -> Iterator[Running]:
    """A practice of 60 devices, and another without any."""
    data = tmp_path_factory.mktemp("browser")
    shutil.copy(empty_sqlite, data / "console.sqlite")
    console = made_console(data)
    practice = practice_id(console)
    console_rows.fill(console, practice, devices=60)
    _draft(console, practice)
    ready = threading.Event()
    server = serve.Server(uvicorn.Config(whole.whole(console), port=0, ws="none", log_level="warning"), ready.set)
    thread = threading.Thread(target=server.run)
    thread.start()
    assert ready.wait(60)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Running(console=console, address=f"http://127.0.0.1:{port}", practice=practice)
    server.should_exit = True
    thread.join(60)
    console.store.close()


def _draft(console: Console, practice: str) -> None:
    """A policy's draft, so that its pages have something to show."""
    me = Person(id="0", name="Alice", email="alice@practice.example", role=Role.MANAGER, practice_id=practice, csrf="")
    asked = Ask(console=console, caller=me, path={}, query=QueryParams())
    with console.store.write() as db:
        policies.start(db, asked, layer=LayerName.PRACTICE)


def signed_in(running: Running, practice: str | None = None) -> str:
    """A session's token of an administrator."""
    console, at = running.console, practice or running.practice
    email = f"alice-{at[:8]}@practice.example"
    with console.store.write() as db:
        person = db.scalar(sa.select(tables.people.c.id).where(tables.people.c.email == email))
        if person is None:
            person = f"00000000-0000-4000-8000-{at[:12].replace('-', '0')}"
            row = {"id": person, "email": email, "name": "Alice Example", "password_hash": "x", "created_at": 1}
            db.execute(tables.people.insert().values(**row))
            db.execute(tables.memberships.insert().values(person_id=person, practice_id=at, role="administrator"))
        return sessions.begin(db, console, person_id=person, practice_id=at, complete=True)


@pytest.fixture
def page(browser: Browser, running: Running) -> Iterator[Callable[..., Page]]:
    """A browser's window; whatever its console complains of fails the test."""
    said: list[str] = []
    contexts = []

    def make(
        size: tuple[int, int] = WIDE, *, dark: bool = False, practice: str | None = None, script: bool = True
    ) -> Page:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
        )
        contexts.append(context)
        context.add_cookies([{"name": SESSION_COOKIE, "value": signed_in(running, practice), "url": running.address}])
        made = context.new_page()
        made.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
        made.on("pageerror", lambda error: said.append(str(error)))
        return made

    yield make
    for one in contexts:
        one.close()
    assert said == []


def addresses(running: Running, *, of_rows: bool = True) -> list[tuple[str, str]]:
    """Name and path of every page that can be looked at; with `of_rows`, those of rows that are there as well."""
    with running.console.store.read() as db:
        row = tables.findings.c
        finding = db.execute(
            sa.select(row.device_id, row.uid).where(row.practice_id == running.practice, row.status == "fail").limit(1)
        ).one()
        agent = db.scalar(sa.select(tables.devices.c.agent_id).where(tables.devices.c.id == finding.device_id))
        waiver = db.scalar(sa.select(tables.waivers.c.id).limit(1))
        group = db.scalar(sa.select(tables.groups.c.id).limit(1))
    known = (
        {}
        if not of_rows
        else {
            "device_id": finding.device_id,
            "uid": finding.uid,
            "agent_id": agent,
            "waiver_id": waiver,
            "group_id": group,
            "number": 1,
        }
    )
    found = []
    for one in whole.endpoints():
        names = PLACEHOLDER.findall(one.path)
        if _page(one) and set(names) <= set(known):
            query = f"?device={finding.device_id}&uid={finding.uid}" if one.path == "/waivers/new" else ""
            found.append((one.name, PLACEHOLDER.sub(lambda m: str(known[m[1]]), one.path) + query))
    return found


def _page(one: Endpoint) -> bool:
    plain = not one.path.endswith((".csv", ".pdf", ".json", "{number}/text")) and not one.path.startswith(
        ("/api/v1", "/sign-in/")
    )
    return one.method == "GET" and one.access in (Access.PERSON, Access.ANYBODY) and plain and one.name != "healthz"


def faults(page: Page) -> list[str]:
    """What axe finds that is serious, and whether the page is wider than the window."""
    found = page.evaluate(
        f"async () => {{ {AXE}; const seen = await axe.run(document, {{resultTypes: ['violations']}});"
        " return seen.violations.filter(v => ['serious', 'critical'].includes(v.impact))"
        ".map(v => v.id + ': ' + v.nodes.map(n => n.target.join(' ')).slice(0, 3).join(', ')); }"
    )
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [*found, *([f"{wide} px wider than the window"] if wide > 0 else [])]


@pytest.mark.parametrize(
    ("size", "dark"), [(WIDE, False), (NARROW, False), (WIDE, True)], ids=["wide", "narrow", "dark"]
)
def test_every_page_is_whole_and_accessible(
    running: Running, page: Callable[..., Page], size: tuple[int, int], dark: bool
) -> None:
    window = page(size, dark=dark)
    wrong: dict[str, list[str]] = {}
    seen = addresses(running)
    assert len(seen) >= 15
    for name, path in seen:
        answer = window.goto(running.address + path)
        assert answer is not None
        if answer.headers["content-type"].startswith("text/html"):
            if answer.status != 200 or (found := faults(window)):
                wrong[path] = [str(answer.status)] if answer.status != 200 else found
            _kept(window, f"{name}-{size[0]}{'-dark' if dark else ''}")
    assert wrong == {}


def _kept(window: Page, name: str) -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    window.screenshot(path=SCREENS / f"{name}.png", full_page=True)


def test_every_page_of_an_empty_practice_says_so(running: Running, page: Callable[..., Page]) -> None:
    window = page(WIDE, practice=practice_id(running.console, "Other Practice"))
    for name, path in addresses(running, of_rows=False):
        if not path.startswith(("/waivers/new", "/policy/")):  # of a finding, and of a draft
            answer = window.goto(running.address + path)
            assert answer is not None
            assert answer.status == 200, path
            if answer.headers["content-type"].startswith("text/html"):
                assert faults(window) == [], path
                _kept(window, f"{name}-empty")


def test_reading_needs_no_script(running: Running, page: Callable[..., Page]) -> None:
    window = page(WIDE, script=False)
    for path in ("/", "/devices", "/findings", "/policy", "/waivers", "/audit"):
        window.goto(running.address + path)
        assert window.locator("h1").count() == 1, path
    window.goto(f"{running.address}/devices")
    assert window.locator("tbody tr").count() > 10
