"""Pages to erase what is kept of one person's devices, and the signed proofs of it."""

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from reports.console import erase
from reports.console.console import see_other
from reports.console.model import Access, Ask, Endpoint, Reply, Role, not_found
from reports.console.store import tables
from reports.web.entered import PAGE, Entered, page_number

KIND = "erased"
SURE = "Tick this first: nothing brings the rows back but a backup."


def show(ask: Ask) -> Reply:
    """Laptops by label, and the proofs so far."""
    page, wanted = page_number(ask.query), ask.query.get("q", "")[:120]
    a, s = tables.agents.c, tables.sheets.c
    found = sa.select(a.id, a.label, a.enrolled_at, a.last_seen_at, a.ended_at).where(a.practice_id == ask.practice_id)
    if wanted:
        found = found.where(a.label.icontains(wanted, autoescape=True))
    made = sa.select(s.id, s.made_at, s.made_by).where(s.practice_id == ask.practice_id, s.kind == KIND)
    with ask.console.store.read() as db:
        rows = db.execute(found.order_by(a.label, a.id).limit(PAGE + 1).offset((page - 1) * PAGE)).all()
        proofs = db.execute(made.order_by(s.made_at.desc()).limit(PAGE)).all()
    return ask.console.page(
        "erase.html", ask, rows=rows[:PAGE], more=len(rows) > PAGE, number=page, wanted=wanted, proofs=proofs
    )


def begin(ask: Ask) -> Reply:
    """What would go, and the question."""
    return _form(ask, Entered(ask.query), status=200)


def run(ask: Ask) -> Reply:
    """Erase, and show the proof."""
    assert ask.form is not None
    assert ask.caller is not None
    entered = Entered(ask.form)
    if not entered.ticked("sure"):
        entered.wrong("sure", SURE)
        return _form(ask, entered, status=422)
    with ask.console.store.write() as db:
        sheet_id = erase.erase(
            db,
            ask.console,
            practice_id=ask.practice_id,
            agent_id=ask.path["agent_id"],
            sheets_too=entered.ticked("sheets"),
            by=ask.caller.label,
        )
    return see_other(f"/erased/{sheet_id}")


def _form(ask: Ask, entered: Entered, *, status: int) -> Reply:
    with ask.console.store.read() as db:
        subject = erase.subject_of(db, ask.practice_id, ask.path["agent_id"])
        rows = erase.counted(db, subject)
    about = {"subject": subject, "rows": rows, "values": entered.values, "faults": entered.faults}
    return ask.console.page("erase_ask.html", ask, status=status, **about)


def proof(ask: Ask) -> Reply:
    """One proof."""
    row = _sheet(ask)
    return ask.console.page("erase_proof.html", ask, row=row, body=json.loads(row.body), lines=_lines(row))


def _lines(row: Any) -> Sequence[tuple[str, int]]:
    return tuple(sorted(json.loads(row.body)["rows"].items()))


def download(ask: Ask) -> Reply:
    """The bytes that were signed, and the signature."""
    row = _sheet(ask)
    content = json.dumps({"body": row.body, "signature": row.signature}, indent=1).encode()
    headers = {"content-disposition": f'attachment; filename="erased-{row.id}.json"'}
    return Reply(content=content, kind="application/json", headers=headers)


def _sheet(ask: Ask) -> Any:
    s = tables.sheets.c
    mine = (s.practice_id == ask.practice_id, s.kind == KIND, s.id == ask.path["sheet_id"])
    with ask.console.store.read() as db:
        row = db.execute(sa.select(tables.sheets).where(*mine)).first()
    if row is None:
        raise not_found()
    return row


def _page(method: str, path: str, name: str, call: Any, role: Role = Role.ADMINISTRATOR) -> Endpoint:
    return Endpoint(method=method, path=path, name=name, access=Access.PERSON, role=role, run=call)


ENDPOINTS = (
    _page("GET", "/erase", "erase", show),
    _page("GET", "/erase/{agent_id}", "erase_ask", begin),
    _page("POST", "/erase/{agent_id}", "erase_run", run),
    _page("GET", "/erased/{sheet_id}", "erased", proof, Role.AUDITOR),
    _page("GET", "/erased/{sheet_id}/proof.json", "erased_json", download, Role.AUDITOR),
)
