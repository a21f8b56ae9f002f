"""The way in as a real browser takes it: from a private file, over a link that dies, to a cookie that stays at home."""

from pathlib import Path

from playwright.sync_api import Browser
from visit_parts import visited

from agent.page.serve import door_file


def test_a_file_leads_the_browser_to_the_page(home: Path, chromium: Browser, tmp_path: Path) -> None:
    with visited() as visit:
        tab = chromium.new_page()
        tab.goto(door_file(tmp_path / "run", visit.opened.link).as_uri())
        tab.wait_for_url(f"http://{visit.opened.host}/")
        assert "On this laptop only" in tab.inner_text("header")
        tab.close()


def test_going_back_through_the_history_opens_nothing_for_another(home: Path, chromium: Browser) -> None:
    with visited() as visit:
        first, other = chromium.new_context(), chromium.new_context()
        first.new_page().goto(visit.opened.link)
        stolen = other.new_page()
        stolen.goto(visit.opened.link)
        assert "used already" in stolen.inner_text("main")
        stolen.goto(f"http://{visit.opened.host}/")
        assert "somebody who works at this laptop" in stolen.inner_text("main")
        first.close()
        other.close()


def test_a_site_that_frames_or_posts_to_the_page_gets_nothing(home: Path, chromium: Browser) -> None:
    with visited() as visit:
        context = chromium.new_context()
        tab = context.new_page()
        tab.goto(visit.opened.link)
        tab.wait_for_url(f"http://{visit.opened.host}/")
        evil = context.new_page()
        evil.goto("about:blank")
        evil.set_content(f'<form method="post" action="http://{visit.opened.host}/end"><button>x</button></form>')
        evil.click("button")
        evil.wait_for_load_state()
        assert not visit.page.stop.is_set()
        assert "somebody who works at this laptop" in evil.inner_text("body")
        context.close()


def test_closing_it_says_so(home: Path, chromium: Browser) -> None:
    with visited() as visit:
        tab = chromium.new_page()
        tab.goto(visit.opened.link)
        tab.wait_for_url(f"http://{visit.opened.host}/")
        tab.click("text=Close this page")
        assert "Your page is closed" in tab.inner_text("main")
        assert visit.page.stop.wait(30)
        tab.close()
