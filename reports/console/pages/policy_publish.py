"""The last look before a policy is put in force, or a draft put aside."""

from typing import Any

from checks.policy_file import PolicyError
from checks.policy_form import LayerName
from reports.console import policies, policies_text
from reports.console.console import see_other
from reports.console.model import Access, Ask, Endpoint, Refusal, Reply, Role
from reports.console.pages.policy_draft import or_back
from reports.console.policies import Stale
from reports.console.policies_effect import effect_of
from reports.console.policies_loose import Loose, loose
from reports.console.policy_diff import Change, difference
from reports.web.entered import Entered

UNDERSTOOD = "understood"
"""The tick that a policy needs which lets nearly everything pass."""


def loose_words(text: str, layer: LayerName) -> tuple[Loose, ...]:
    """What a text would let pass; nothing of a text that is refused anyway."""
    try:
        return loose(policies_text.in_force(policies_text.read(text, layer=layer)))
    except PolicyError:
        return ()


def ask_publish(ask: Ask) -> Reply:
    """The effect, the comparison, and what would be too loose."""
    return _publish_page(ask, Entered(ask.query), status=200)


def publish(ask: Ask) -> Reply:
    """Take the decision."""
    assert ask.form is not None
    entered = Entered(ask.form)
    note = entered.line("note", "Note", longest=policies.LONGEST_NOTE, needed=False)
    revision = entered.whole("revision", "Edit", low=0, high=10**8)
    layer = policies.layer_name(ask)
    with ask.console.store.read() as db:
        draft = policies.the_draft(db, ask.practice_id)
    if draft.revision != revision:
        return _publish_page(ask, entered, status=409, theirs=draft)
    if loose_words(draft.toml, layer) and not entered.ticked(UNDERSTOOD):
        entered.wrong(UNDERSTOOD, "This draft lets much pass: tick that you mean it, or go back to it.")
    if entered.faults:
        return _publish_page(ask, entered, status=422)
    try:
        with ask.console.store.write() as db:
            # The warning was about the text of this edit, and any other is refused as stale.
            number = policies.publish(db, ask, revision=revision, note=note, layer=layer)
    except Stale as error:
        return _publish_page(ask, entered, status=409, theirs=error.draft)
    except PolicyError as error:
        return _publish_page(ask, entered, status=422, refused=error)
    return see_other(f"/policy/versions/{number}")


def ask_discard(ask: Ask) -> Reply:
    """A question, so that a slip loses nobody's work."""
    with ask.console.store.read() as db:
        draft = policies.the_draft(db, ask.practice_id)
    return ask.console.page("policy_discard.html", ask, draft=draft)


def discard(ask: Ask) -> Reply:
    """Take the answer."""
    assert ask.form is not None
    revision = Entered(ask.form).whole("revision", "Edit", low=0, high=10**8)
    try:
        with ask.console.store.write() as db:
            policies.discard(db, ask, revision=revision)
    except Stale as error:
        sentence = "Somebody else has changed the draft meanwhile. Look at it again before you discard it."
        raise Refusal(status=409, code="changed", sentence=sentence) from error
    return see_other("/policy")


def _publish_page(
    ask: Ask, entered: Entered, *, status: int, theirs: Any | None = None, refused: PolicyError | None = None
) -> Reply:
    with ask.console.store.read() as db:
        draft = policies.the_draft(db, ask.practice_id)
        current = policies.in_force(db, ask.practice_id)
        counted = effect_of(db, practice_id=ask.practice_id, policy_id=draft.id, revision=draft.revision)
    values = {
        "draft": draft,
        "in_force": current,
        "effect": counted,
        "difference": difference("" if current is None else current.toml, draft.toml),
        "loose": loose_words(draft.toml, policies.layer_name(ask)),
        "theirs": theirs,
        "refused": refused,
        "values": dict(entered.values),
        "faults": entered.faults,
    }
    return ask.console.page("policy_publish.html", ask, status=status, Change=Change, **values)


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET", path="/policy/publish", name="policy_publish_ask", access=Access.PERSON, run=or_back(ask_publish),
        role=Role.MANAGER,
    ),
    Endpoint(
        method="POST", path="/policy/publish", name="policy_publish", access=Access.PERSON, run=publish,
        role=Role.MANAGER,
    ),
    Endpoint(
        method="GET", path="/policy/discard", name="policy_discard_ask", access=Access.PERSON, run=or_back(ask_discard),
        role=Role.MANAGER,
    ),
    Endpoint(
        method="POST", path="/policy/discard", name="policy_discard", access=Access.PERSON, run=discard,
        role=Role.MANAGER,
    ),
)  # fmt: skip
