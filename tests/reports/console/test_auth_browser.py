"""Setting up an account, signing in and trying the API in a real Chromium: nothing serious for axe, no complaint."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import copy

import axe_playwright_python
import pyotp
import pytest
import uvicorn
from auth_parts import PASSWORD
from consoles import made_console, practice_id
from playwright.sync_api import Page, sync_playwright

from reports.console import serve, whole
from reports.console.auth import accounts
from reports.console.console import Console

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
EMAIL = "it@practice.example"


@dataclass(frozen=True)
class Running:
    """A console that listens, and a window on it."""

    console: Console
    address: str
    page: Page
    said: list[str]
    """What the browser complained of."""


@pytest.fixture(params=[(1280, 900), (360, 740)], ids=["wide", "narrow"])
def running(request: pytest.FixtureRequest, tmp_path: Path, empty_sqlite: Path) -> Iterator[Running]:
    copy(empty_sqlite, tmp_path / "console.sqlite")
    console = made_console(tmp_path)
    ready = threading.Event()
    server = serve.Server(uvicorn.Config(whole.whole(console), port=0, ws="none", log_level="warning"), ready.set)
    thread = threading.Thread(target=server.run)
    thread.start()
    assert ready.wait(60)
    address = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    said: list[str] = []
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = chromium.new_page(viewport={"width": request.param[0], "height": request.param[1]})
        page.set_default_timeout(120_000)
        page.on("console", lambda one: said.append(one.text) if one.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        yield Running(console, address, page, said)
        chromium.close()
    server.should_exit = True
    thread.join(60)
    console.store.close()


def looked_at(page: Page) -> None:
    """Nothing serious, and nothing wider than the window."""
    found = page.evaluate(
        f"async () => {{ {AXE}; const seen = await axe.run(document, {{resultTypes: ['violations']}});"
        " return seen.violations.filter(v => ['serious', 'critical'].includes(v.impact)).map(v => v.id); }"
    )
    assert found == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), page.url


def test_from_the_first_link_to_a_call_of_the_api(running: Running) -> None:
    page, console = running.page, running.console
    with console.store.write() as db:
        token = accounts.first_administrator(
            db, console, practice_id=practice_id(console), email=EMAIL, name="Administrator"
        )
    page.goto(f"{running.address}/first/{token}")
    looked_at(page)
    secret = page.locator("p > code").inner_text().replace(" ", "")
    for field, value in (("#name", "Alice"), ("#password", PASSWORD), ("#again", PASSWORD)):
        page.fill(field, value)
    page.fill("#code", pyotp.TOTP(secret).at(console.now()))
    page.click("text=Set up and sign in")
    page.wait_for_url(f"{running.address}/")
    page.click("text=Sign out")
    page.wait_for_url(f"{running.address}/sign-in")
    _signs_in(running, secret)
    _tries_a_call(running)
    assert running.said == []


def _signs_in(running: Running, secret: str) -> None:
    page = running.page
    looked_at(page)
    page.fill("#email", EMAIL)
    page.fill("#password", PASSWORD)
    page.click("text=Go on")
    page.wait_for_url("**/sign-in/code*")
    looked_at(page)
    page.fill("#code", pyotp.TOTP(secret).at(running.console.now() + 30))
    page.click("button:has-text('Sign in')")
    page.wait_for_url(f"{running.address}/")


def _tries_a_call(running: Running) -> None:
    page = running.page
    page.goto(f"{running.address}/api/docs")
    page.click("summary:has-text('/api/v1/codes')")
    looked_at(page)
    call = page.locator("details[open]")
    body = call.locator("textarea").input_value()
    call.locator("textarea").fill(body.replace('"group_id": ""', '"group_id": null'))
    call.locator("button").click()
    call.locator("pre:has-text('201')").wait_for()
    assert '"code"' in call.locator("pre").inner_text()
