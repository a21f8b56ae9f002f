"""The first page: may I start my shift with these devices? What is known at once, and what is being looked at now."""

import re
from collections.abc import Sequence
from typing import Any

from agent.desk import Desk
from agent.devices import SWITCH, SWITCHES, fingerprint_end
from agent.page.checking_model import Snapshot
from agent.page.model import Ask, Endpoint, Reply, not_found, see_other
from agent.page.self_check_answer import answer, post, progress
from agent.page.self_check_consent import ENDPOINTS as CONSENT
from agent.page.self_check_contacts import contacts
from agent.page.self_check_devices import Card, cards, known, unready
from agent.page.self_check_rows import KNOWN, State, step_of
from agent.page.sent import ENDPOINTS as SENT
from agent.photos.consent import given
from agent.policy_acknowledged import acknowledged
from checks.model import Kind

BUSY_S, WATCH_S = 2, 5
"""So often the page asks how far it is; and whether a phone has come."""
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
GOOD, CHANGED, UNSURE = "good", "changed", "unsure"
NOT_SURE = (
    'Then it stays "can\'t tell", which is an honest answer. Look again when you have a minute, or ask whom your '
    "practice names below."
)


def _devices(ask: Ask) -> Reply:
    """Whoever comes with something known starts a check; the first time it is offered."""
    checking = ask.page.checking
    desk = ask.page.open_desk()
    if known(desk, checking.snapshot, ask.at):
        checking.opened()
    else:
        checking.attended()
    return ask.page.render("self_check.html", ask, nav="/", **_values(ask, desk))


def _now(ask: Ask) -> Reply:
    """What has changed since the version that the page shows: all of it, the progress, or nothing."""
    checking = ask.page.checking
    watched = checking.watching()
    snapshot = checking.snapshot
    if ask.query.get("v", "") != str(snapshot.version):
        return ask.page.render("self_check_live.html", ask, **_values(ask, ask.page.open_desk()))
    if snapshot.work is not None:
        shown = ask.page.render("self_check_work.html", ask, **_work(snapshot))
        return Reply(content=shown.content, headers={"hx-retarget": "#work", "hx-reswap": "outerHTML"})
    return Reply(status=204 if watched else 286)  # 286 tells htmx to ask no more


def _values(ask: Ask, desk: Desk) -> dict[str, Any]:
    snapshot = ask.page.checking.snapshot
    key_end = fingerprint_end(desk.door.home)
    all_ = known(desk, snapshot, ask.at)
    shown, waiting = cards(all_, ask.at), unready(snapshot, key_end=key_end)
    phones = bool(waiting) or any(one.kind is Kind.PHONE for one in shown)
    return {
        **_work(snapshot),
        "answer": answer(all_, shown, snapshot, len(waiting)),
        "cards": shown,
        "unready": waiting,
        "steps": step_of,
        "first": _first(shown),
        "first_phone": None if phones or (snapshot.work and snapshot.here is None) else _first_phone(key_end),
        "post": post(desk, ask.at),
        "unacknowledged": _unacknowledged(desk),
        "consented": given(desk.places.photos),
        "notes": tuple(dict.fromkeys((*snapshot.said, *snapshot.notes, *desk.problems))),
        "contacts": contacts(desk),
        "every_s": BUSY_S if snapshot.work is not None else WATCH_S,
    }


def _unacknowledged(desk: Desk) -> bool:
    policy = desk.in_force.policy
    return policy.acknowledgement_required and acknowledged(str(desk.places.state), policy) is None


def _first(shown: Sequence[Card]) -> str:
    """Where the first thing to fix stands; "" where there is none."""
    found = (f"{row.check_id}-{card.id}" for card in shown for row in card.open if row.state is State.FAIL)
    return next(found, "")


def _work(snapshot: Snapshot) -> dict[str, Any]:
    work = snapshot.work
    done, total = (0, 0) if work is None else progress(work)
    return {"work": work, "done": done, "total": total, "shows": snapshot.version}


def _first_phone(key_end: str | None) -> dict[str, Any]:
    ways = {"Android": SWITCH, **SWITCHES}
    compare = "" if key_end is None else f" Compare the code with this laptop's, which ends in {key_end}."
    return {
        "ways": [(maker, [step_of(part) for part in _parts(way)]) for maker, way in ways.items()],
        "allow": f'Plug it in with a cable that carries data, and unlock it. It asks "Allow USB debugging?"{compare} '
        "Tap Allow.",
    }


def _parts(way: str) -> list[str]:
    """One action each, from the one line that a terminal shows."""
    parts: list[str] = []
    for one in f"{way} > USB debugging: on".split(";"):
        place, tap, what = one.strip().removeprefix("then ").partition(", tap ")
        parts += [place, f"Tap {what}"] if tap else [place]
    return parts


def _check(ask: Ask) -> Reply:
    ask.page.checking.attended()
    ask.page.checking.check()
    return see_other("/")


def _stop(ask: Ask) -> Reply:
    ask.page.checking.stop()
    return see_other("/")


def _again(ask: Ask) -> Reply:
    device_id, check_id = _named(ask)
    ask.page.checking.attended()
    ask.page.checking.again(device_id, check_id)
    return see_other(f"/#{check_id}-{device_id}")


def _looked(ask: Ask) -> Reply:
    """What the person saw; whoever has just mended it says that it is good now."""
    device_id, check_id = _named(ask)
    saw = KNOWN[check_id].saw
    said = "" if ask.form is None else str(ask.form.get("saw", ""))
    if saw is None or said not in (GOOD, CHANGED, UNSURE):
        raise not_found()
    ask.page.checking.attended()
    if said == UNSURE:
        ask.page.checking.say(NOT_SURE)
    else:
        ask.page.checking.looked(device_id, check_id, saw.good)
    return see_other(f"/#{check_id}-{device_id}")


def _named(ask: Ask) -> tuple[str, str]:
    """Raises Refusal for a device or a check that no page of ours names."""
    device_id, check_id = ask.path["device"], ask.path["check"]
    if not ID.fullmatch(device_id) or device_id not in ask.page.checking.snapshot.held or check_id not in KNOWN:
        raise not_found()
    return device_id, check_id


ENDPOINTS = (
    Endpoint(method="GET", path="/", name="self_check", run=_devices),
    Endpoint(method="GET", path="/now", name="self_check_now", run=_now),
    Endpoint(method="POST", path="/check", name="self_check_check", run=_check),
    Endpoint(method="POST", path="/check/stop", name="self_check_stop", run=_stop),
    Endpoint(method="POST", path="/check/{device}/{check}", name="self_check_again", run=_again),
    Endpoint(method="POST", path="/looked/{device}/{check}", name="self_check_looked", run=_looked),
    *CONSENT,
    *SENT,
)
