"""Lost or stolen: asks what is known of the loss, makes the signed sheet, and shows it as page, PDF and file."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from reports.console.console import see_other
from reports.console.fleet import code_of
from reports.console.fleet_device import device_of
from reports.console.lost import Loss, Sheet, make_sheet, sheet_of
from reports.console.lost_paper import as_pdf, paper_of
from reports.console.model import Access, Ask, Endpoint, Reply, Role
from reports.web.entered import Entered

LONGEST = 160
LONGEST_AGO = timedelta(days=400)


def before(ask: Ask) -> Reply:
    """The form."""
    return _form(ask, Entered(ask.query))


def _form(ask: Ask, form: Entered, *, status: int = 200) -> Reply:
    console = ask.console
    with console.store.read() as db:
        device = device_of(db, ask.practice_id, ask.path["device_id"])
    zone = ZoneInfo(console.practice(ask.practice_id).timezone)
    today = datetime.fromtimestamp(console.now(), UTC).astimezone(zone).date()
    return console.page(
        "lost_form.html", ask, status=status, device=device, code=code_of(device.id), faults=form.faults,
        values=form.values, today=today.isoformat(),
    )  # fmt: skip


def make(ask: Ask) -> Reply:
    """The sheet, signed and kept."""
    assert ask.form is not None
    assert ask.caller is not None  # a signed-in person's POST has both
    form = Entered(ask.form)
    zone = ZoneInfo(ask.console.practice(ask.practice_id).timezone)
    today = datetime.fromtimestamp(ask.console.now(), UTC).astimezone(zone).date()
    aware_on = form.day("aware", "When the practice became aware")
    if aware_on is not None and not today - LONGEST_AGO <= aware_on <= today:
        form.wrong("aware", "When the practice became aware: today or earlier, within the last year.")
    loss = Loss(
        aware_on=aware_on,
        last_in_hand=form.line("hand", "Last in somebody's hands", longest=LONGEST, needed=False),
        told_by=form.line("told", "Who told you", longest=LONGEST, needed=False),
    )
    if form.faults:
        return _form(ask, form, status=422)
    with ask.console.store.write() as db:
        sheet_id = make_sheet(
            db,
            ask.console,
            practice_id=ask.practice_id,
            device_id=ask.path["device_id"],
            by=ask.caller.label,
            loss=loss,
        )
    return see_other(f"/lost/{sheet_id}")


def _sheet(ask: Ask) -> Sheet:
    with ask.console.store.read() as db:
        return sheet_of(db, ask.practice_id, ask.path["sheet_id"])


def show(ask: Ask) -> Reply:
    """The sheet as a page that prints on A4."""
    sheet = _sheet(ask)
    device_id = sheet.facts["device"]["id"]
    return ask.console.page("lost.html", ask, sheet=sheet, paper=paper_of(sheet), device_id=device_id)


def as_file(ask: Ask) -> Reply:
    """The signed text and its signature."""
    sheet = _sheet(ask)
    return _download(sheet.saved(), "application/json", f"{sheet.facts['case']}.json")


def as_paper(ask: Ask) -> Reply:
    """The sheet as PDF."""
    sheet = _sheet(ask)
    return _download(as_pdf(sheet), "application/pdf", f"{sheet.facts['case']}.pdf")


def _download(content: bytes, kind: str, name: str) -> Reply:
    return Reply(content=content, kind=kind, headers={"content-disposition": f'attachment; filename="{name}"'})


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/devices/{device_id}/lost",
        name="lost_form",
        access=Access.PERSON,
        run=before,
        role=Role.MANAGER,
    ),
    Endpoint(
        method="POST",
        path="/devices/{device_id}/lost",
        name="lost_make",
        access=Access.PERSON,
        run=make,
        role=Role.MANAGER,
    ),
    Endpoint(method="GET", path="/lost/{sheet_id}.pdf", name="lost_pdf", access=Access.PERSON, run=as_paper),
    Endpoint(method="GET", path="/lost/{sheet_id}.json", name="lost_file", access=Access.PERSON, run=as_file),
    Endpoint(method="GET", path="/lost/{sheet_id}", name="lost", access=Access.PERSON, run=show),
)
