"""Pages of the policy: its versions, the text of each, any two compared, and an older one put in force again."""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from checks.policy_file import PolicyError
from reports.console import policies, policies_text
from reports.console.console import see_other
from reports.console.csv_out import csv_reply
from reports.console.model import Access, Ask, Endpoint, Reply, Role
from reports.console.pages import policy_draft, policy_publish
from reports.console.pages.policy_publish import UNDERSTOOD, loose_words
from reports.console.policy_diff import Change, difference
from reports.web.entered import PAGE, Entered, page_number
from reports.web.words import iso

BASELINE = "baseline"
VERSIONS_MOST = 10_000
HEADER = ("version", "state", "note", "started_at", "started_by", "published_at", "published_by", "in_force")


def show(ask: Ask) -> Reply:
    """All versions, the draft first."""
    page = page_number(ask.query)
    with ask.console.store.read() as db:
        rows = policies.versions(db, practice_id=ask.practice_id, limit=PAGE + 1, offset=(page - 1) * PAGE)
        current = policies.in_force(db, ask.practice_id)
        draft = policies.draft(db, ask.practice_id)
    values: dict[str, Any] = {
        "rows": rows[:PAGE],
        "more": len(rows) > PAGE,
        "number": page,
        "in_force": current,
        "draft": draft,
    }
    return ask.console.page("policy.html", ask, State=policies.State, **values)


def table(ask: Ask) -> Reply:
    """The same as a file."""
    with ask.console.store.read() as db:
        rows = policies.versions(db, practice_id=ask.practice_id, limit=VERSIONS_MOST)
        current = policies.in_force(db, ask.practice_id)
    return csv_reply("policy-versions", HEADER, _cells(rows, None if current is None else current.id))


def _cells(rows: Sequence[Any], current: str | None) -> Iterator[tuple[object, ...]]:
    for row in rows:
        published = ("", "") if row.published_at is None else (iso(row.published_at), row.published_by or "")
        yield (
            row.number, row.state, row.note, iso(row.created_at), row.created_by, *published,
            "yes" if row.id == current else "no",
        )  # fmt: skip


def one(ask: Ask) -> Reply:
    """One version: its text, and what it changed."""
    with ask.console.store.read() as db:
        row = policies.version(db, practice_id=ask.practice_id, number=ask.path["number"])
        current = policies.in_force(db, ask.practice_id)
    values: dict[str, Any] = {"version": row, "in_force": current, "lines": row.toml.splitlines()}
    return ask.console.page("policy_version.html", ask, State=policies.State, **values)


def text(ask: Ask) -> Reply:
    """The file itself."""
    with ask.console.store.read() as db:
        row = policies.version(db, practice_id=ask.practice_id, number=ask.path["number"])
    name = f"scrubin-policy-{row.number}.toml"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Reply(content=row.toml.encode(), kind="application/toml; charset=utf-8", headers=headers)


def compare(ask: Ask) -> Reply:
    """Any two texts, the baseline among them."""
    with ask.console.store.read() as db:
        rows = policies.versions(db, practice_id=ask.practice_id, limit=VERSIONS_MOST)
        names = [BASELINE, *(str(one.number) for one in rows)]
        before, after = (_named(ask, key, names) for key in ("from", "to"))
        texts = [_text(db, ask, one) for one in (before, after)]
    made = difference(*texts)
    options = [(one, "The baseline" if one == BASELINE else f"Version {one}") for one in names]
    values: dict[str, Any] = {"options": options, "values": {"from": before, "to": after}, "difference": made}
    return ask.console.page("policy_compare.html", ask, Change=Change, **values)


def _named(ask: Ask, key: str, names: Sequence[str]) -> str:
    """The newest on the right, the baseline on the left, unless others are asked for."""
    usual = names[1] if key == "to" and len(names) > 1 else BASELINE
    return ask.query[key] if ask.query.get(key) in names else usual


def _text(db: sa.Connection, ask: Ask, name: str) -> str:
    if name == BASELINE:
        return policies_text.baseline_text()
    return str(policies.version(db, practice_id=ask.practice_id, number=name).toml)


def ask_roll_back(ask: Ask) -> Reply:
    """What would change, before it does."""
    return _roll_back_page(ask, Entered(ask.query), status=200)


def roll_back(ask: Ask) -> Reply:
    """Take the decision."""
    assert ask.form is not None
    entered = Entered(ask.form)
    note = entered.line("note", "Note", longest=policies.LONGEST_NOTE, needed=False)
    layer = policies.layer_name(ask)
    with ask.console.store.read() as db:
        older = policies.version(db, practice_id=ask.practice_id, number=ask.path["number"])
    if loose_words(older.toml, layer) and not entered.ticked(UNDERSTOOD):
        entered.wrong(UNDERSTOOD, "This text lets much pass: tick that you mean it.")
    if entered.faults:
        return _roll_back_page(ask, entered, status=422)
    try:
        with ask.console.store.write() as db:
            made = policies.roll_back(
                db, ask, number=ask.path["number"], seen=entered.raw("seen"), note=note, layer=layer
            )
    except PolicyError as error:
        return _roll_back_page(ask, entered, status=422, refused=error)
    return see_other(f"/policy/versions/{made}")


def _roll_back_page(ask: Ask, entered: Entered, *, status: int, refused: PolicyError | None = None) -> Reply:
    with ask.console.store.read() as db:
        older = policies.version(db, practice_id=ask.practice_id, number=ask.path["number"])
        current = policies.in_force(db, ask.practice_id)
    before = "" if current is None else current.toml
    values: dict[str, Any] = {
        "older": older,
        "in_force": current,
        "difference": difference(before, older.toml),
        "loose": loose_words(older.toml, policies.layer_name(ask)),
        "refused": refused,
        "values": dict(entered.values),
        "faults": entered.faults,
    }
    return ask.console.page("policy_roll_back.html", ask, status=status, Change=Change, **values)


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(method="GET", path="/policy", name="policy", access=Access.PERSON, run=show),
    Endpoint(method="GET", path="/policy.csv", name="policy_csv", access=Access.PERSON, run=table),
    Endpoint(method="GET", path="/policy/compare", name="policy_compare", access=Access.PERSON, run=compare),
    *policy_draft.ENDPOINTS,
    *policy_publish.ENDPOINTS,
    Endpoint(method="GET", path="/policy/versions/{number}", name="policy_version", access=Access.PERSON, run=one),
    Endpoint(
        method="GET", path="/policy/versions/{number}/text", name="policy_text", access=Access.PERSON, run=text
    ),
    Endpoint(
        method="GET", path="/policy/versions/{number}/roll-back", name="policy_roll_back_ask", access=Access.PERSON,
        run=ask_roll_back, role=Role.MANAGER,
    ),
    Endpoint(
        method="POST", path="/policy/versions/{number}/roll-back", name="policy_roll_back", access=Access.PERSON,
        run=roll_back, role=Role.MANAGER,
    ),
)  # fmt: skip
