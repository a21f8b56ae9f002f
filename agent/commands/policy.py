"""`scrubin policy`: what is in force and why, whether a file is right, the editors' schema, and acknowledging."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from agent.exits import Exit, WrongUse
from agent.policy_acknowledged import acknowledge as remember
from agent.policy_search import Checks, read_policy_file
from agent.policy_source import PolicyInForce
from checks.model import Ownership
from checks.policy import Origin, Policy, Row
from checks.policy_file import Fault, Layer, PolicyError
from checks.policy_form import Value
from checks.policy_schema import policy_schema
from checks.policy_shape import Flaw, nearest
from checks.policy_text import shown

WHOSE = {
    Ownership.PERSONAL: "your own device",
    Ownership.PRACTICE_OWNED: "a device of the practice",
    Ownership.DEDICATED_CAMERA: "a camera-only device",
}


def show(in_force: PolicyInForce, checks: Checks, *, why: str | None, ownership: Ownership, as_json: bool) -> str:
    """The policy in force on such a device, or with `why` each value of one check. WrongUse for an unknown one."""
    policy = in_force.policy
    if why is not None and why not in policy.defaults:
        near = nearest(why, tuple(policy.defaults))
        hint = f'Did you mean "{near}"?' if near else f"All checks: {', '.join(policy.defaults)}."
        raise WrongUse(f'unknown check "{shown(why, longest=40)}". {hint}')
    if as_json:
        body = _as_json(in_force, ownership) if why is None else _why_json(policy, why, ownership)
        return json.dumps(body, indent=2)
    lines = _summary(in_force, ownership) if why is None else _why(policy, checks, why, ownership)
    return "\n".join(lines)


def validate(files: Sequence[str], checks: Checks, *, as_json: bool) -> tuple[Exit, str]:
    """Whether each file would be taken: 0 all, 1 not all, 3 one could not be read; and what to print."""
    results = [(file, _reading(file, checks)) for file in files]
    refused = [one.faults for _, one in results if isinstance(one, PolicyError)]
    unread = any(fault.flaw is Flaw.UNREADABLE for faults in refused for fault in faults)
    code = Exit.COULD_NOT_RUN if unread else Exit.NOT_COMPLIANT if refused else Exit.COMPLIANT
    if as_json:
        body = {"schema": "scrubin/policy-validate/1", "files": [_result_json(file, one) for file, one in results]}
        return code, json.dumps(body, indent=2)
    return code, "\n".join(line for file, one in results for line in _result(file, one))


def schema_text(checks: Checks) -> str:
    """The JSON Schema of policy files, for editors."""
    return json.dumps(policy_schema(checks), indent=2)


def acknowledge(state_dir: str, policy: Policy, now: datetime, *, as_json: bool) -> str:
    """Remember that the person knows the policy in force. Raises OSError where that could not be written."""
    remember(state_dir, policy, now)
    if as_json:
        body = {"id": policy.id, "version": policy.version, "acknowledged_at": now.isoformat()}
        return json.dumps({"schema": "scrubin/policy-acknowledge/1", **body}, indent=2)
    return f"Noted on {now:%Y-%m-%d %H:%M %Z}: you know the policy of {_titles(policy)}.\nVersion {policy.version}."


def _reading(file: str, checks: Checks) -> Layer | PolicyError:
    try:
        return read_policy_file(file, label=file, checks=checks)
    except PolicyError as error:
        return error


def _result(file: str, result: Layer | PolicyError) -> Iterator[str]:
    if isinstance(result, PolicyError):
        yield from (f"x {fault}" for fault in result.faults)
    else:
        yield f"+ {shown(file)}: {shown(result.title)}, the {result.name.value}'s policy, version {result.version}"


def _result_json(file: str, result: Layer | PolicyError) -> dict[str, Any]:
    if isinstance(result, PolicyError):
        return {"file": shown(file), "valid": False, "faults": [_fault_json(one) for one in result.faults]}
    return {"file": shown(file), "valid": True, "layer": result.name, "id": result.id, "version": result.version}


def _fault_json(fault: Fault) -> dict[str, Any]:
    where = {"flaw": fault.flaw, "file": fault.file, "line": fault.line, "key": fault.key}
    return {**where, "expected": fault.expected, "found": fault.found}


def _titles(policy: Policy) -> str:
    return ", over ".join(shown(layer.title) for layer in policy.layers)


def _summary(in_force: PolicyInForce, ownership: Ownership) -> Iterator[str]:
    policy = in_force.policy
    yield f"{_titles(policy)}, for {WHOSE[ownership]}"
    yield f"  version {policy.version}"
    for name, age in in_force.last_good_ages.items():
        yield f"  ! the {name.value}'s policy is the last good copy, {age.days} days old"
    for problem in in_force.problems:
        yield f"  ! {problem.sentence}"
    yield ""
    for check_id in policy.defaults:
        level = _row(policy, check_id, ownership, "level").won
        yield f"  {check_id:<16} {level.value!s:<12} {level.layer}"
    yield ""
    yield from _practicalities(policy, ownership)
    for contact in policy.contacts.values():
        yield f"  {shown(str(contact), longest=500)}"
    yield ""
    yield "Why a value is what it is: scrubin policy show --why screen_lock"


def _practicalities(policy: Policy, ownership: Ownership) -> Iterator[str]:
    if not policy.capture_allowed(ownership):
        reason = policy.capture(ownership).won.reason
        yield f"  no clinical pictures may be taken on {WHOSE[ownership]}"
        if reason:
            yield f"    because {shown(reason, longest=300)}"
    elif (hours := policy.allow_hours(ownership)) is not None:
        yield f"  pictures may stay {hours} hours"
    times = " and ".join(one.isoformat("minutes") for one in policy.schedule.audit_at)
    yield f"  audited at {times}" if times else "  audited at no fixed time"
    yield f"  a check may stay without an answer for {policy.grace_days} days"
    apps = ", ".join(shown(one) for one in policy.approved_apps)
    yield f"  approved apps: {apps or 'none'}"
    yield f"  acknowledgement: {'asked for' if policy.acknowledgement_required else 'not asked for'}"
    yield from _own_page(policy)


def _own_page(policy: Policy) -> Iterator[str]:
    """Only what the policy sets: most name no record system."""
    if policy.before_shift is not None:
        times = " and ".join(one.isoformat("minutes") for one in policy.before_shift.times)
        also = f", and at {times}" if times else ""
        yield f"  told {policy.before_shift.minutes_before} minutes before a shift{also}"
    if policy.record_system is not None:
        system = policy.record_system
        yield f"  whether a picture is stored is asked of {shown(system.name)}"
        yield f"    {system.kind} at {shown(system.url)}"
    if policy.review.sender_may_file:
        yield "  filed by whoever sent it is enough to delete a picture"


def _why(policy: Policy, checks: Checks, check_id: str, ownership: Ownership) -> Iterator[str]:
    title = next((one.title for one in checks if one.id == check_id), "")
    yield f"{check_id}{': ' if title else ''}{title}"
    yield f"  on {WHOSE[ownership]}"
    for row in policy.why(check_id, ownership):
        yield f"  {row.key:<20} {_value(row.won.value):<12} {_place(row.won)}"
        if row.won.reason:
            yield f"    because {shown(row.won.reason, longest=300)}"
        for one in row.beaten:
            yield f"    beats   {_value(one.value)}, {_place(one)}"


def _place(origin: Origin) -> str:
    return f"{origin.layer} {shown(origin.file)}:{origin.line}" if origin.file else origin.layer


def _value(value: Value) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case tuple():
            return ", ".join(shown(one) for one in value) or "none"
        case str():
            return shown(value)
        case _:
            return str(value)


def _row(policy: Policy, check_id: str, ownership: Ownership, key: str) -> Row:
    return next(row for row in policy.why(check_id, ownership) if row.key == key)


def _as_json(in_force: PolicyInForce, ownership: Ownership) -> dict[str, Any]:
    policy = in_force.policy
    return {
        "schema": "scrubin/policy-show/1",
        "id": policy.id,
        "version": policy.version,
        "ownership": ownership,
        "layers": [
            {"layer": one.name, "id": one.id, "version": one.version, "name": one.title} for one in policy.layers
        ],
        "levels": {check_id: _row(policy, check_id, ownership, "level").won.value for check_id in policy.defaults},
        "capture_allowed": policy.capture_allowed(ownership),
        "allow_hours": policy.allow_hours(ownership),
        "grace_days": policy.grace_days,
        "audit_at": [one.isoformat("minutes") for one in policy.schedule.audit_at],
        "approved_apps": list(policy.approved_apps),
        "acknowledgement_required": policy.acknowledgement_required,
        "record_system": _record_system_json(policy),
        "before_shift": _before_shift_json(policy),
        "sender_may_file": policy.review.sender_may_file,
        "contacts": {name: shown(str(one), longest=500) for name, one in policy.contacts.items()},
        "problems": [{"trouble": one.trouble, "sentence": one.sentence} for one in in_force.problems],
        "last_good_age_days": {name.value: age.days for name, age in in_force.last_good_ages.items()},
    }


def _record_system_json(policy: Policy) -> dict[str, str] | None:
    system = policy.record_system
    if system is None:
        return None
    asks = {"kind": system.kind.value, "name": system.name, "url": system.url}
    return {**asks, "token_url": system.token_url, "client_id": system.client_id}


def _before_shift_json(policy: Policy) -> dict[str, Any] | None:
    told = policy.before_shift
    if told is None:
        return None
    return {"times": [one.isoformat("minutes") for one in told.times], "minutes_before": told.minutes_before}


def _why_json(policy: Policy, check_id: str, ownership: Ownership) -> dict[str, Any]:
    rows = [
        {"key": row.key, **_origin_json(row.won), "beaten": [_origin_json(one) for one in row.beaten]}
        for row in policy.why(check_id, ownership)
    ]
    return {"schema": "scrubin/policy-why/1", "check_id": check_id, "ownership": ownership, "values": rows}


def _origin_json(origin: Origin) -> dict[str, Any]:
    value = list(origin.value) if isinstance(origin.value, tuple) else origin.value
    place = {"layer": origin.layer, "file": origin.file, "line": origin.line}
    return {"value": value, **place, "reason": origin.reason}
