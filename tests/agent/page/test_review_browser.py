"""Every page of the review in a real Chromium: by mouse, by keyboard alone, without script, narrow, dark and on paper.

Screenshots stay in build/screens, to be looked at.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect
from review_parts import PHONE, Scene, confirmed, drawn, judged, number_of, said, scene, shown, waits_at
from visit_parts import Visit

from agent.photos.review.model import Removal
from checks.clinical_images.fact import Folder, Group

SCREENS = Path(__file__).resolve().parents[3] / "build" / "screens"
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
WIDE, NARROW = (1280, 900), (360, 740)
Window = Callable[..., Page]


@pytest.fixture
def here(home: Path) -> Scene:
    """With previews as the darkroom really makes them."""
    made = scene(home)
    made.room = None
    letter = judged(4, label="clinical_letter_report", group=Group.DOCUMENT, camera=False)
    made.add("Pictures/Screenshots/letter.png", 4, place=Folder.SCREENSHOTS, days=4, result=letter)
    made.add("Pictures/broken.jpg", 5, days=3, data=b"\xff\xd8\xff" + bytes(2000), result=judged(5))
    made.phone.files.clear()
    made.add("DCIM/Camera/a.jpg", 1, device=PHONE, days=9)
    return made


@pytest.fixture
def visit(here: Scene) -> Iterator[Visit]:
    with here.visited() as there:
        yield there.open()


@pytest.fixture
def window(chromium: Browser, visit: Visit) -> Iterator[Window]:
    """A browser's window with the session; whatever its console complains of fails the test."""
    complaints: list[str] = []
    contexts = []

    def make(size: tuple[int, int] = WIDE, *, dark: bool = False, script: bool = True) -> Page:
        context = chromium.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
            base_url=f"http://{visit.opened.host}",
        )
        contexts.append(context)
        name, _, value = visit.cookie.partition("=")
        context.add_cookies([{"name": name, "value": value, "url": f"http://{visit.opened.host}"}])
        made = context.new_page()
        made.on("console", lambda one: complaints.append(one.text) if is_bad(one) else None)
        made.on("pageerror", lambda error: complaints.append(str(error)))
        return made

    yield make
    for one in contexts:
        one.close()
    assert complaints == []


def is_bad(said: ConsoleMessage) -> bool:
    """That a form is not taken, or a page not there, is meant to be answered so."""
    return said.type in ("error", "warning") and "status of 40" not in said.text


def kept(page: Page, name: str) -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENS / f"review-{name}.png", full_page=True)


def serious(page: Page) -> list[str]:
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']}: {one['help']}: {node['html'][:160]}"
        for one in found["violations"]
        for node in one["nodes"]
        if one["impact"] in ("serious", "critical")
    ]


STATES: dict[str, Callable[[Scene, Visit], str]] = {
    "list": lambda here, visit: "/pictures",
    "panel": lambda here, visit: f"/pictures/{number_of(visit, 'Wound')}#panel",
    "look-alike": lambda here, visit: f"/pictures/{_look_alike(here, visit)[0]}#panel",
    "set-apart": lambda here, visit: _set_apart(here, visit),
    "no-preview": lambda here, visit: f"/pictures/{_last(visit)}#panel",
    "received": lambda here, visit: f"/pictures/{number_of(visit, 'Wound')}/received#panel",
    "hold-asked": lambda here, visit: f"/pictures/{number_of(visit, 'Wound')}/hold#panel",
    "held": lambda here, visit: _held(visit),
    "teaching": lambda here, visit: f"/pictures/{number_of(visit, 'Wound')}/teaching#panel",
    "kept": lambda here, visit: _kept(visit),
    "confirm": lambda here, visit: _in_record(visit),
    "unplugged": lambda here, visit: _unplugged(here, visit),
    "undo": lambda here, visit: _waiting(visit),
    "done": lambda here, visit: _done(here, visit),
    "partly": lambda here, visit: _done(here, visit, Removal.NOT_PERMITTED),
    "stopped": lambda here, visit: "/pictures/999999",
    "log": lambda here, visit: _logged(here, visit),
    "decided": lambda here, visit: _decided(visit),
    "old": lambda here, visit: _old(here),
}


def _last(visit: Visit) -> int:
    shelf = visit.page.reviewing.shelf(visit.page.open_desk())
    return next(one.number for one in shelf.pictures if "broken" in one.first.path)


def _look_alike(here: Scene, visit: Visit) -> tuple[int, int]:
    """The number of the wound, and the copy that is there by its looks alone."""
    other = here.add("Downloads/other.jpg", 1, place=Folder.DOWNLOADS, data=drawn(1, 300), days=7)
    return number_of(visit, "Wound"), other


def _set_apart(here: Scene, visit: Visit) -> str:
    number, other = _look_alike(here, visit)
    answer = visit.post(f"/pictures/{number}/apart", shown=shown(visit, number), copy=str(other))
    return answer.headers["location"]


def _held(visit: Visit) -> str:
    number = number_of(visit, "Wound")
    visit.post(f"/pictures/{number}/hold", shown=shown(visit, number), reason="asked for by the coroner's court")
    return f"/pictures/{number}#panel"


def _kept(visit: Visit) -> str:
    number = number_of(visit, "Wound")
    fields = {"shown": shown(visit, number), "consent": "yes", "nobody": "yes", "reason": "registrars' evening"}
    return visit.post(f"/pictures/{number}/teaching", **fields).headers["location"]


def _in_record(visit: Visit) -> str:
    return said(visit, number_of(visit, "ECG tracing")).headers["location"]


def _unplugged(here: Scene, visit: Visit) -> str:
    number = here.add("DCIM/Camera/only.jpg", 7, device=PHONE, days=12)
    said(visit, number)
    here.phone.here = False
    here.clock_s += 10
    return f"/pictures/{number}/delete#panel"


def _waiting(visit: Visit) -> str:
    number = number_of(visit, "Wound")
    said(visit, number)
    return waits_at(confirmed(visit, number))


def _done(here: Scene, visit: Visit, refuse: Removal | None = None) -> str:
    here.phone.refuse = refuse
    where = _waiting(visit)
    here.clock_s += 31
    return visit.post(f"{where}/delete", count="3").headers["location"]


def _logged(here: Scene, visit: Visit) -> str:
    _done(here, visit)
    number = number_of(visit, "ECG tracing")
    visit.post(f"/pictures/{number}/hold", shown=shown(visit, number), reason="a complaint")
    return "/pictures/log"


def _decided(visit: Visit) -> str:
    said(visit, number_of(visit, "Medicine and label"), "not_clinical")
    return "/pictures?show=decided"


def _old(here: Scene) -> str:
    here.checked_at(here.now.replace(day=18), status="unknown")
    return "/pictures"


@pytest.mark.parametrize("state", STATES)
def test_each_page_is_whole_wide_narrow_and_dark(state: str, here: Scene, visit: Visit, window: Window) -> None:
    address = STATES[state](here, visit)
    for size, dark in ((WIDE, False), (WIDE, True), (NARROW, False)):
        page = window(size, dark=dark)
        page.goto(address)
        page.wait_for_load_state("networkidle")
        kept(page, f"{state}-{size[0]}-{'dark' if dark else 'light'}")
        assert serious(page) == [], (state, size, dark)
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0], (state, size)
        page.close()


def pressed(page: Page, *keys: str) -> None:
    for one in keys:
        page.keyboard.press(one)


def tabbed_to(page: Page, selector: str, most: int = 40) -> None:
    """Press Tab until it has the focus."""
    for _ in range(most):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {selector}")


def test_by_keyboard_alone_from_the_decision_to_the_end(here: Scene, visit: Visit, window: Window) -> None:
    page = window()
    page.goto("/pictures")
    tabbed_to(page, f"#p{number_of(visit, 'Wound')}")
    pressed(page, "Enter")
    expect(page.locator("#panel")).to_be_focused()
    pressed(page, "1", "Enter")
    expect(page.get_by_role("heading", name="Is it in the patient's record?")).to_be_visible()
    tabbed_to(page, "input[name=seen]")
    pressed(page, "Space")
    tabbed_to(page, "input[name=says]")
    pressed(page, "Space")
    tabbed_to(page, "#delete")
    pressed(page, "Enter")
    expect(page.locator("#undo-h")).to_contain_text("Deleting in")
    expect(page.locator("#panel")).to_be_focused()
    pressed(page, "u")
    expect(page.get_by_role("heading", name="Wound")).to_be_visible()
    assert (here.home / "Pictures/a.jpg").exists()


def test_the_script_presses_the_last_button_when_the_time_is_over(here: Scene, visit: Visit, window: Window) -> None:
    where = _waiting(visit)
    here.clock_s += 28
    page = window()
    page.goto(f"{where}#panel")
    expect(page.locator("#now button")).to_be_hidden()
    here.clock_s += 2
    expect(page.locator("#done-h")).to_have_text("3 copies deleted, and checked", timeout=20_000)
    assert not (here.home / "Pictures/a.jpg").exists()


def test_without_script_all_of_it_works(here: Scene, visit: Visit, window: Window) -> None:
    page = window(script=False)
    page.goto("/pictures")
    page.click(f"#p{number_of(visit, 'Wound')}")
    page.click("#show")
    assert page.get_attribute("#preview img", "src").endswith("?clear=1")
    page.check("input[value=in_record]")
    page.click("text=Continue")
    page.check("input[name=seen]")
    page.check("input[name=says]")
    page.click("#delete")
    expect(page.locator("#now button")).to_be_hidden()
    assert page.locator("meta[http-equiv=refresh]").get_attribute("content") == "10"
    here.clock_s += 31
    page.reload()
    page.click("#now button")
    expect(page.locator("#done-h")).to_have_text("3 copies deleted, and checked")


def test_by_keyboard_and_without_script_a_copy_is_set_apart_and_put_back(
    here: Scene, visit: Visit, window: Window
) -> None:
    number, _ = _look_alike(here, visit)
    for script in (True, False):
        page = window(script=script)
        page.goto(f"/pictures/{number}#panel")
        page.focus("#panel")
        tabbed_to(page, "form[action$='/apart'] button")
        pressed(page, "Enter")
        expect(page.locator("[role=status]").first).to_contain_text("another picture")
        expect(page.locator("form[action$='/apart']")).to_have_count(0)
        tabbed_to(page, "#same button", most=80)
        pressed(page, "Enter")
        expect(page.locator("[role=status]").first).to_contain_text("the same picture after all")
        expect(page.get_by_role("button", name="This is another picture (the one in Downloads")).to_be_visible()
        page.close()


def test_an_unticked_copy_without_script_changes_the_button_first(visit: Visit, window: Window) -> None:
    page = window(script=False)
    page.goto(_in_record(visit))
    page.check("input[name=seen]")
    page.check("input[name=says]")
    page.uncheck("input[name=copy] >> nth=1")
    page.click("#delete")
    expect(page.locator("#delete")).to_have_text("Delete 1 copy")
    expect(page.get_by_role("alert")).to_contain_text("Nothing was deleted")


def test_the_button_counts_what_is_ticked(visit: Visit, window: Window) -> None:
    page = window()
    page.goto(_in_record(visit))
    button = page.locator("#delete")
    expect(button).to_be_disabled()
    page.check("input[name=seen]")
    page.check("input[name=says]")
    expect(button).to_have_text("Delete 2 copies")
    page.uncheck("input[name=copy] >> nth=1")
    expect(button).to_have_text("Delete 1 copy")
    page.uncheck("input[name=copy] >> nth=0")
    expect(button).to_be_disabled()


def test_previews_come_clear_when_pointed_at_and_h_hides_them_all(visit: Visit, window: Window) -> None:
    page = window()
    page.goto(f"/pictures/{number_of(visit, 'Wound')}#panel")
    image = page.locator("#preview img")
    assert not image.get_attribute("src").endswith("clear=1")
    page.hover("#preview")
    expect(image).to_have_attribute("src", image.get_attribute("data-clear"))
    page.hover("h1")
    expect(image).to_have_attribute("src", image.get_attribute("data-blurred"))
    page.focus("#panel")
    pressed(page, "h")
    expect(image).to_be_hidden()
    page.hover("#panel h2")
    page.reload()
    expect(page.locator("#preview img")).to_be_hidden()


def test_keys_do_nothing_where_something_is_typed_or_when_off(visit: Visit, window: Window) -> None:
    page = window()
    page.goto(_in_record(visit))
    page.focus("#reference")
    page.keyboard.type("h7j")
    expect(page.locator("#reference")).to_have_value("h7j")
    page.goto(f"/pictures/{number_of(visit, 'Wound')}#panel")
    page.click("#keys")
    page.focus("#panel")
    pressed(page, "1")
    assert page.locator("input[name=decision]:checked").count() == 0


def test_j_and_k_lead_from_picture_to_picture(visit: Visit, window: Window) -> None:
    page = window()
    page.goto(f"/pictures/{number_of(visit, 'Wound')}#panel")
    pressed(page, "j")
    expect(page.locator("#picture-h")).to_have_text("ECG tracing")
    pressed(page, "k")
    expect(page.locator("#picture-h")).to_have_text("Wound")


def test_on_paper_there_is_no_picture(visit: Visit, window: Window) -> None:
    page = window()
    page.goto(f"/pictures/{number_of(visit, 'Wound')}")
    page.emulate_media(media="print")
    for one in page.locator(".pic, .preview").all():
        expect(one).to_be_hidden()
    kept(page, "panel-print")


def test_what_is_blurred_is_blurred_in_its_bytes(visit: Visit) -> None:
    number = number_of(visit, "Wound")
    blurred, clear = (visit.get(f"/pictures/{number}/preview{end}") for end in ("", "?clear=1"))
    assert len(blurred.data) < len(clear.data) / 2
    assert blurred.headers["cache-control"] == "no-store"
    assert blurred.headers["content-type"] == "image/jpeg"
