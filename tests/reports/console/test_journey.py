"""From a code to the sheet of a lost device: real processes, a real browser, a real mail server, on each engine."""

import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyotp
import pytest
import sqlalchemy as sa
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope
from journey import Laptop, Server, free_port, running, until
from playwright.sync_api import Browser, Page, sync_playwright
from postgres import Server as Postgres

from reports.console.store import tables
from reports.console.store.engine import Store, parse_url, sqlite_url

PASSWORD = "four plain words together"
POLICY = """
schema = "scrubin/policy/1"
layer = "practice"
id = "example-practice"
version = "1"
name = "Example Practice"

[checks.remote_wipe]
level = "recommended"
reason = "Laptops of this ward stay in a locked room."
"""


class Mailbox:
    """Takes each message."""

    def __init__(self) -> None:
        self.got: list[str] = []

    async def handle_DATA(self, server: SMTP, session: object, envelope: Envelope) -> str:
        """Named by aiosmtpd."""
        assert isinstance(envelope.content, bytes)
        self.got.append(envelope.content.decode())
        return "250 OK"


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A mail server with STARTTLS."""

    port: int
    box: Mailbox
    authority: Path


@pytest.fixture
def mail(tmp_path: Path) -> Iterator[Mail]:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    box, port = Mailbox(), free_port()
    server = Controller(box, hostname="127.0.0.1", port=port, tls_context=context, require_starttls=True)
    server.start()
    yield Mail(port=port, box=box, authority=tmp_path / "authority.pem")
    server.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield opened
        opened.close()


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a console keeps its things."""

    words: list[str]
    store: Store
    consoles: int


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    data = tmp_path / "console"
    if request.param == "sqlite":
        words, url, count = ["--data", str(data)], sqlite_url(str(data / "console.sqlite")), 1
    else:
        server: Postgres = request.getfixturevalue("postgres")
        url = server.fresh()
        text = url.set(drivername="postgresql").render_as_string(hide_password=False)
        words, count = ["--data", str(data), "--database", text], 2
        url = parse_url(text)
    store = Store(url)
    yield Place(words=words, store=store, consoles=count)
    store.close()


def press(page: Page, words: str) -> None:
    """A button of a form, and what comes after it."""
    with page.expect_navigation():
        page.locator("main button", has_text=words).first.click()


def signed_in(page: Page, link: str) -> None:
    """The first administrator sets a password and a second factor."""
    page.goto(link)
    secret = re.sub(r"\s", "", page.locator("code").inner_text())
    page.fill("#password", PASSWORD)
    page.fill("#again", PASSWORD)
    page.fill("#code", pyotp.TOTP(secret).now())
    press(page, "Set up and sign in")
    page.wait_for_url(re.compile(r"^http://[^/]+/$"))


def mail_channel(page: Page, address: str, mail: Mail) -> None:
    """Alerts go by mail, at any hour."""
    page.goto(f"{address}/alerts/rules")
    for name in ("quiet_from", "quiet_until"):
        page.fill(f"#{name}", "00:00")
    press(page, "Save")
    page.goto(f"{address}/channels/new/email")
    for name, value in (("name", "Practice IT"), ("host", "localhost"), ("port", str(mail.port))):
        page.fill(f"#{name}", value)
    page.select_option("#sign_in", "none")
    page.fill("#sender", "console@practice.example")
    page.fill("#recipients", "it@practice.example")
    press(page, "Add the channel")


def new_policy(page: Page, address: str) -> None:
    """Written as text, and published."""
    page.goto(f"{address}/policy")
    press(page, "Start a draft")
    page.goto(f"{address}/policy/draft/text")
    page.fill("#toml", POLICY)
    press(page, "Save the draft")
    page.goto(f"{address}/policy/publish")
    if page.locator("#understood").count():
        page.check("#understood")
    press(page, "Publish version")


def hurry(store: Store) -> None:
    """The jobs that come round each few minutes are due now."""
    with store.write() as db:
        db.execute(tables.jobs.update().where(tables.jobs.c.lease_until == 0).values(due_at=0))


def test_from_a_code_to_the_sheet_of_a_lost_device(place: Place, mail: Mail, browser: Browser, tmp_path: Path) -> None:
    operator, laptop = Laptop(home=tmp_path / "server"), Laptop(home=tmp_path / "laptop")
    trust = {"SSL_CERT_FILE": str(mail.authority)}
    words = [*place.words, "--practice", "Example Practice"]
    with running(operator.home, words, **trust) as first, _second(place, first, operator, words, trust) as second:
        page = browser.new_page()
        # Each start ends the link before, until somebody has signed in.
        signed_in(page, second.told["first_link"])
        mail_channel(page, first.address, mail)

        # A device is enrolled, and its failing finding is there.
        code = operator.json("console", "code", "--label", "Ward 3 laptop", *place.words)["code"]
        assert laptop.json("enrol", second.address, code, "--yes")["practice"]["name"] == "Example Practice"
        report = laptop.json("check", "--device", "laptop", code=None)
        wipe = next(one for one in report["reports"][0]["findings"] if one["check_id"] == "remote_wipe")
        assert wipe["status"] == "fail"
        device = operator.json("console", "devices", *place.words, code=1)["devices"][0]["id"]
        seen = operator.json("console", "findings", *place.words, code=1)["findings"]
        assert "remote_wipe" in {one["check_id"] for one in seen}
        page.goto(f"{first.address}/devices/{device}")
        assert "Ward 3 laptop" in page.inner_text("main")

        # One console dies; what the laptop says meanwhile waits, and arrives.
        second.kill()
        assert laptop.run("check", "--device", "laptop").code == 1
        assert laptop.run("report", "send").code == 2
        second.start()
        with place.store.read() as db:
            before = db.scalar(sa.select(tables.devices.c.seq))
        assert laptop.run("report", "send").code == 0
        with place.store.read() as db:
            assert db.scalar(sa.select(tables.devices.c.seq)) > before
            assert db.scalar(sa.select(tables.devices.c.chain)) == "whole"

        # A waiver reaches the device, is told in its report, and ends.
        why = ("--owner", "Practice manager", "--reason", "A new laptop is ordered.", "--days", "30")
        operator.json("console", "waive", device, "remote_wipe", *why, *place.words)
        assert _waived(laptop)
        with place.store.write() as db:
            now = db.scalar(sa.select(tables.waivers.c.created_at))
            db.execute(tables.waivers.update().values(until=now + 1))
            db.execute(tables.practices.update().values(serial=tables.practices.c.serial + 1))
        assert not _waived(laptop)

        # A policy is published, and the device goes by it.
        new_policy(page, first.address)
        laptop.run("report", "send")
        after = laptop.json("check", "--device", "laptop", code=None)
        again = next(one for one in after["reports"][0]["findings"] if one["check_id"] == "remote_wipe")
        assert again["level"] == "recommended"

        # It falls silent: an alert is mailed that names neither a file nor a person.
        told = len(mail.box.got)
        with place.store.write() as db:
            db.execute(tables.devices.update().values(due_at=1))
        hurry(place.store)
        until(lambda: len(mail.box.got) > told, within_s=180)
        assert operator.json("console", "devices", *place.words, code=2)["devices"][0]["verdict"] == "overdue"

        # It is lost: the sheet is there at once, without it.
        sheet = tmp_path / "sheet.pdf"
        assert operator.run("console", "lost", device, "--pdf", str(sheet), *place.words).code == 0
        assert sheet.read_bytes().startswith(b"%PDF")
        page.close()


@contextmanager
def _second(place: Place, first: Server, operator: Laptop, words: list[str], trust: dict[str, str]) -> Iterator[Server]:
    """Another console over the same database; SQLite has one only."""
    if place.consoles == 1:
        yield first
        return
    with running(operator.home, words, **trust) as other:
        yield other


def _waived(laptop: Laptop) -> bool:
    """Whether the device shows the waiver, after it has asked the practice."""
    laptop.run("report", "send")
    report = laptop.json("check", "--device", "laptop", code=None)
    wipe = next(one for one in report["reports"][0]["findings"] if one["check_id"] == "remote_wipe")
    return wipe["waiver"] is not None
