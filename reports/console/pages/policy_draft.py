"""The draft of a policy: edited as a form or as text, compared with what is in force, and what it would do."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from checks.policy_file import Fault, Layer, PolicyError
from reports.console import policies, policies_text, policy_form
from reports.console.console import see_other
from reports.console.csv_out import csv_reply
from reports.console.model import Access, Ask, Endpoint, Refusal, Reply, Role
from reports.console.policies import Stale
from reports.console.policies_effect import Turned, effect_of, turned
from reports.console.policy_diff import Change, difference
from reports.console.policy_form_patch import patched
from reports.web.entered import PAGE, Entered, page_number
from reports.web.words import iso

OPEN_SECTIONS = 4
"""Checks that are shown unfolded: those that matter most come first."""
TEXT = "toml"
DEVICES_MOST = 100_000
HEADER = ("device", "label", "model", "kind", "ownership", "under_the_draft", "failing", "tried_at")


def or_back(page: Callable[[Ask], Reply]) -> Callable[[Ask], Reply]:
    """Lead whoever looks at a draft that is gone, an old bookmark perhaps, to the versions."""

    def look(ask: Ask) -> Reply:
        try:
            return page(ask)
        except Refusal as error:
            if error.code != policies.NO_DRAFT:
                raise
            return see_other("/policy")

    return look


def start(ask: Ask) -> Reply:
    """Begin one."""
    with ask.console.store.write() as db:
        policies.start(db, ask, layer=policies.layer_name(ask))
    return see_other("/policy/draft")


def show(ask: Ask) -> Reply:
    """The form, the comparison and the effect."""
    return _form_page(ask, {}, Entered(ask.query), status=200)


def save_form(ask: Ask) -> Reply:
    """Take the form: only what differs is changed in the text."""
    assert ask.form is not None
    entered = Entered(ask.form)
    with ask.console.store.read() as db:
        draft = policies.the_draft(db, ask.practice_id)
    data = policies_text.data_of(draft.toml)
    revision = entered.whole("revision", "Edit", low=0, high=10**8)
    if draft.revision != revision:
        return _form_page(ask, entered.values, entered, status=409, theirs=draft)
    changed = policy_form.changes(entered, data)
    if entered.faults:
        return _form_page(ask, entered.values, entered, status=422)
    made = patched(draft.toml, changed)
    try:
        with ask.console.store.write() as db:
            policies.save(db, ask, text=made.text, revision=revision, layer=policies.layer_name(ask))
    except Stale as error:
        return _form_page(ask, entered.values, entered, status=409, theirs=error.draft)
    except PolicyError as error:
        _beside_fields(error.faults, entered)
        return _form_page(ask, entered.values, entered, status=422)
    return see_other("/policy/draft?rewritten=yes" if made.rewritten else "/policy/draft")


def show_text(ask: Ask) -> Reply:
    """The text, to be edited as it is."""
    with ask.console.store.read() as db:
        draft = policies.the_draft(db, ask.practice_id)
    return _text_page(ask, draft, draft.toml, draft.revision)


def save_text(ask: Ask) -> Reply:
    """Take the text; what devices would refuse is shown back with its faults, and not kept."""
    assert ask.form is not None
    entered = Entered(ask.form)
    text = policies_text.tidy(entered.raw(TEXT))
    revision = entered.whole("revision", "Edit", low=0, high=10**8)
    try:
        with ask.console.store.write() as db:
            policies.save(db, ask, text=text, revision=revision, layer=policies.layer_name(ask))
    except Stale as error:
        # Saved over theirs only by somebody who has seen what theirs says.
        return _text_page(ask, error.draft, text, error.draft.revision, status=409, theirs=True)
    except PolicyError as error:
        with ask.console.store.read() as db:
            draft = policies.the_draft(db, ask.practice_id)
        return _text_page(ask, draft, text, revision, status=422, faults=error.faults)
    return see_other("/policy/draft")


def effect(ask: Ask) -> Reply:
    """The devices that would turn."""
    page = page_number(ask.query)
    with ask.console.store.read() as db:
        draft = policies.the_draft(db, ask.practice_id)
        about = {"practice_id": ask.practice_id, "policy_id": draft.id, "revision": draft.revision}
        rows = turned(db, **about, limit=PAGE + 1, offset=(page - 1) * PAGE)
        counted = effect_of(db, **about)
    values = {"draft": draft, "rows": rows[:PAGE], "more": len(rows) > PAGE, "number": page, "effect": counted}
    return ask.console.page("policy_effect.html", ask, **values)


def effect_table(ask: Ask) -> Reply:
    """The same as a file."""
    with ask.console.store.read() as db:
        draft = policies.the_draft(db, ask.practice_id)
        rows = turned(db, practice_id=ask.practice_id, policy_id=draft.id, revision=draft.revision, limit=DEVICES_MOST)
    return csv_reply("policy-effect", HEADER, _cells(rows))


def _cells(rows: Sequence[Turned]) -> Iterator[tuple[object, ...]]:
    for row in rows:
        about = (row.device_id, row.label, row.model, row.kind, row.ownership, row.then)
        yield (*about, "; ".join(row.failing), iso(row.tried_at))


def _form_page(
    ask: Ask, typed: Mapping[str, str], entered: Entered, *, status: int, theirs: Any | None = None
) -> Reply:
    """`typed` holds what a person sent, so that none of it is lost; blank where they sent nothing yet."""
    with ask.console.store.read() as db:
        draft = policies.the_draft(db, ask.practice_id)
        current = policies.in_force(db, ask.practice_id)
        counted = effect_of(db, practice_id=ask.practice_id, policy_id=draft.id, revision=draft.revision)
    data = policies_text.data_of(draft.toml)
    before = {} if current is None else policies_text.data_of(current.toml)
    sections, saved = policy_form.sections(), policy_form.shown(data)
    values = {
        "draft": draft,
        "in_force": current,
        "effect": counted,
        "difference": difference("" if current is None else current.toml, draft.toml),
        "first": sections[:OPEN_SECTIONS],
        "rest": sections[OPEN_SECTIONS:],
        "rest_faulty": any(map(_faulty(entered.faults), sections[OPEN_SECTIONS:])),
        "values": {**saved, **typed},
        "saved": saved,
        "before": policy_form.shown(before),
        "text_of": policy_form.text_of,
        "faults": entered.faults,
        "theirs": theirs,
        "faulty": _faulty(entered.faults),
        "rewritten": ask.query.get("rewritten") == "yes",
        "unreadable": _unreadable(ask, draft.toml),
    }
    return ask.console.page("policy_draft.html", ask, status=status, Change=Change, **values)


def _faulty(faults: Mapping[str, str]) -> Callable[[policy_form.Section], bool]:
    """Whether a section holds a field with a fault: it is unfolded then."""

    def holds(section: policy_form.Section) -> bool:
        return any(one.name in faults for one in (*section.fields, *section.by_owner))

    return holds


def _beside_fields(faults: Sequence[Fault], entered: Entered) -> None:
    """What the text's own reader found, at the field that it names where there is one."""
    names = {one.key: one.name for one in policy_form.fields()}
    for fault in faults:
        entered.wrong(names.get(fault.key, "form"), f"{fault.key or 'The file'}: expected {fault.expected}.")


def _unreadable(ask: Ask, text: str) -> tuple[Fault, ...]:
    """Faults of a text that was right when it was saved: a newer version of the product may ask for more."""
    try:
        _read(ask, text)
    except PolicyError as error:
        return error.faults
    return ()


def _read(ask: Ask, text: str) -> Layer:
    return policies_text.read(text, layer=policies.layer_name(ask))


def _text_page(
    ask: Ask,
    draft: Any,
    text: str,
    revision: int,
    *,
    status: int = 200,
    faults: Sequence[Fault] = (),
    theirs: bool = False,
) -> Reply:
    values = {
        "draft": draft,
        "text": text,
        "lines": text.split("\n"),
        "revision": revision,
        "faults": faults,
        "difference": difference(draft.toml, text) if theirs else None,
    }
    return ask.console.page("policy_draft_text.html", ask, status=status, Change=Change, **values)


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="POST", path="/policy/draft/start", name="policy_start", access=Access.PERSON, run=start,
        role=Role.MANAGER,
    ),
    Endpoint(method="GET", path="/policy/draft", name="policy_draft", access=Access.PERSON, run=or_back(show)),
    Endpoint(
        method="POST", path="/policy/draft", name="policy_save", access=Access.PERSON, run=save_form,
        role=Role.MANAGER,
    ),
    Endpoint(
        method="GET", path="/policy/draft/text", name="policy_draft_text", access=Access.PERSON, run=or_back(show_text),
        role=Role.MANAGER,
    ),
    Endpoint(
        method="POST", path="/policy/draft/text", name="policy_save_text", access=Access.PERSON, run=save_text,
        role=Role.MANAGER,
    ),
    Endpoint(
        method="GET", path="/policy/draft/effect", name="policy_effect", access=Access.PERSON, run=or_back(effect),
    ),
    Endpoint(
        method="GET", path="/policy/draft/effect.csv", name="policy_effect_csv", access=Access.PERSON,
        run=or_back(effect_table),
    ),
)  # fmt: skip
