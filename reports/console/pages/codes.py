"""Pages of enrolment codes: make one, show it once as text, QR and letter, and take it back."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import segno
import sqlalchemy as sa

from checks.model import Ownership
from reports.console import acts
from reports.console.console import see_other
from reports.console.csv_out import csv_reply
from reports.console.intake.codes import LONGEST_LABEL, MOST_DAYS, MOST_USES, make_code
from reports.console.model import Access, Ask, Endpoint, Refusal, Reply, Role, not_found
from reports.console.store import tables
from reports.web.entered import PAGE, Entered, page_number
from reports.web.words import iso

USUAL = {"uses": "1", "days": "7", "ownership": Ownership.PERSONAL.value}
HOST = re.compile(r"[A-Za-z0-9._-]{1,253}(:[0-9]{1,5})?|\[[0-9a-fA-F:.]{2,45}\](:[0-9]{1,5})?")
HERE = ("127.0.0.1", "localhost", "[::1]")
ROWS_MOST = 100_000
OWNERS = (
    (Ownership.PERSONAL.value, "The clinician's own"),
    (Ownership.PRACTICE_OWNED.value, "The practice's"),
    (Ownership.DEDICATED_CAMERA.value, "For pictures alone: camera-only"),
)
HEADER = ("begins_with", "state", "ownership", "group", "label", "uses_left", "made_at", "made_by", "expires_at")


def show(ask: Ask) -> Reply:
    """All codes, newest first; none of them whole."""
    page = page_number(ask.query)
    with ask.console.store.read() as db:
        rows = _listed(db, ask, limit=PAGE + 1, offset=(page - 1) * PAGE)
    values = {"rows": rows[:PAGE], "more": len(rows) > PAGE, "number": page, "state_of": _state_of(ask)}
    return ask.console.page("codes.html", ask, **values)


def table(ask: Ask) -> Reply:
    """The same as a file."""
    with ask.console.store.read() as db:
        rows = _listed(db, ask, limit=ROWS_MOST, offset=0)
    return csv_reply("enrolment-codes", HEADER, _cells(ask, rows))


def begin(ask: Ask) -> Reply:
    """The form."""
    return _form(ask, Entered(ask.query), dict(USUAL), status=200)


def make(ask: Ask) -> Reply:
    """Make one and show it: the only time that it is whole."""
    assert ask.form is not None
    entered = Entered(ask.form)
    uses = entered.whole("uses", "Uses", low=1, high=MOST_USES)
    days = entered.whole("days", "Days", low=1, high=MOST_DAYS)
    ownership = entered.choice("ownership", "Whose device", [name for name, _ in OWNERS])
    label = entered.line("label", "Staff label", longest=LONGEST_LABEL, needed=False)
    group = entered.raw("group") or None
    if label and uses > 1:
        entered.wrong("label", "Staff label: only a code for one use can bear it, else several people would.")
    if entered.faults:
        return _form(ask, entered, dict(entered.values), status=422)
    assert ask.caller is not None
    with ask.console.store.write() as db:
        code = make_code(
            db,
            ask.console,
            practice_id=ask.practice_id,
            uses=uses,
            days=days,
            ownership=ownership,
            group_id=group,
            label=label,
            by=ask.caller.label,
        )
    return _made(ask, code, uses=uses, days=days, ownership=ownership, label=label)


def revoke(ask: Ask) -> Reply:
    """No device can enrol with it any more; those that did stay."""
    row, now = tables.codes.c, ask.console.now()
    mine = (row.id == ask.path["code_id"], row.practice_id == ask.practice_id)
    with ask.console.store.write() as db:
        found = db.execute(sa.select(row.hint, row.revoked_at).where(*mine)).one_or_none()
        if found is None:
            raise not_found()
        if found.revoked_at is not None:
            raise Refusal(status=409, code="revoked", sentence="This code was taken back before.")
        db.execute(tables.codes.update().where(*mine).values(revoked_at=now))
        acts.record_for(db, ask, "code.revoked", target=ask.path["code_id"], detail=found.hint)
    return see_other("/codes")


def address_of(ask: Ask) -> str:
    """The console's address as devices reach it: the one that was set, or else the one that this browser used."""
    if ask.console.public_url:
        return ask.console.public_url
    host = ask.headers.get("host", "")
    if HOST.fullmatch(host) is None:
        return "https://this-console.example"
    name = host.rpartition(":")[0] or host
    return f"{'http' if name in HERE or host in HERE else 'https'}://{host}"


def modules_of(text: str) -> tuple[int, str]:
    """A QR code's side in squares, its quiet border included, and the path of its dark squares for SVG."""
    code = segno.make(text, error="m", micro=False)
    rows = list(code.matrix_iter(scale=1, border=4))
    dark = (f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, one in enumerate(row) if one)
    return len(rows), "".join(dark)


def _made(ask: Ask, code: str, **about: Any) -> Reply:
    address = address_of(ask)
    side, path = modules_of(f"scrubin-enrol:{address}#{code}")
    values = {"code": code, "address": address, "side": side, "path": path, "owners": dict(OWNERS), **about}
    is_set = bool(ask.console.public_url)
    return ask.console.page("codes_made.html", ask, status=201, is_set=is_set, made_at=ask.console.now(), **values)


def _form(ask: Ask, entered: Entered, values: dict[str, str], *, status: int) -> Reply:
    group = tables.groups.c
    with ask.console.store.read() as db:
        found = db.execute(
            sa.select(group.id, group.name).where(group.practice_id == ask.practice_id).order_by(group.name)
        )
        groups = [("", "No group"), *((row.id, row.name) for row in found)]
    about = {"values": values, "faults": entered.faults, "groups": groups, "owners": OWNERS}
    return ask.console.page("codes_new.html", ask, status=status, most_days=MOST_DAYS, most_uses=MOST_USES, **about)


def _listed(db: sa.Connection, ask: Ask, *, limit: int, offset: int) -> Sequence[Any]:
    row = tables.codes.c
    query = (
        sa.select(row.id, row.hint, row.ownership, row.label, row.uses_left, row.created_at, row.created_by)
        .add_columns(row.expires_at, row.revoked_at, row.agent_id, tables.groups.c.name.label("group_name"))
        .outerjoin(tables.groups, tables.groups.c.id == row.group_id)
        .where(row.practice_id == ask.practice_id)
        .order_by(row.created_at.desc(), row.id)
    )
    return db.execute(query.limit(limit).offset(offset)).all()


def _state_of(ask: Ask) -> Any:
    now = ask.console.now()

    def state(row: Any) -> str:
        if row.revoked_at is not None:
            return "revoked"
        if row.uses_left <= 0:
            return "used"
        return "expired" if row.expires_at <= now else "open"

    return state


def _cells(ask: Ask, rows: Sequence[Any]) -> Iterator[tuple[object, ...]]:
    state = _state_of(ask)
    for row in rows:
        about = (row.hint, state(row), row.ownership, row.group_name or "", row.label, row.uses_left)
        yield (*about, iso(row.created_at), row.created_by, iso(row.expires_at))


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(method="GET", path="/codes", name="codes", access=Access.PERSON, run=show),
    Endpoint(method="GET", path="/codes.csv", name="codes_csv", access=Access.PERSON, run=table),
    Endpoint(method="GET", path="/codes/new", name="code_new", access=Access.PERSON, run=begin, role=Role.MANAGER),
    Endpoint(method="POST", path="/codes/new", name="code_make", access=Access.PERSON, run=make, role=Role.MANAGER),
    Endpoint(
        method="POST", path="/codes/{code_id}/revoke", name="code_revoke", access=Access.PERSON, run=revoke,
        role=Role.MANAGER,
    ),
)  # fmt: skip
