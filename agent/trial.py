"""Tries drafts of the practice's policy on what an audit saw; the practice gets the verdict and the failing checks."""

import logging
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from agent.directive import Directive, Draft
from agent.runner import Audit, rejudged
from agent.trial_kept import drop_others, keep
from checks.attest import Statement
from checks.catalog import CATALOG
from checks.model import Finding, Level, Status, Waiver, settled
from checks.policy import Policy, compose
from checks.policy_file import PolicyError, read_layer
from checks.policy_form import LayerName
from checks.rollup import rollup
from reports.deliver.bodies import utc_text
from reports.envelope import encode

LOG = logging.getLogger(__name__)
SCHEMA = "scrubin/trial/1"


def try_drafts(
    state: Path,
    said: Directive,
    done: Audit,
    in_force: Policy,
    *,
    waivers: Iterable[Waiver],
    statements: Iterable[Statement],
    now: datetime,
) -> None:
    """Keep what each draft comes to, to be sent. It changes nothing that is in force. Raises OSError."""
    drop_others(state, (one.id for one in said.drafts))
    waivers, statements = tuple(waivers), tuple(statements)
    for draft in said.drafts:
        policy = _policy(draft, in_force)
        if policy is None:
            continue
        findings = rejudged(done, policy, CATALOG, waivers, statements)
        body = _body(draft, done, findings, now)
        keep(state, draft=draft.id, device_id=done.report.device.id, body=body)


def _policy(draft: Draft, in_force: Policy) -> Policy | None:
    """The draft in the place of its layer; None for one that would be refused."""
    try:
        layer = read_layer(draft.toml, file="draft", checks=CATALOG)
    except PolicyError:
        LOG.info("a draft of the practice's policy can't be tried: it would be refused")
        return None
    if layer.name is LayerName.BASELINE:
        return None
    return compose((*(one for one in in_force.layers if one.name is not layer.name), layer), CATALOG)


def _body(draft: Draft, done: Audit, findings: Iterable[Finding], now: datetime) -> bytes:
    """Verdict and ids only: nothing of what was seen."""
    findings = tuple(findings)
    return encode(
        {
            "schema": SCHEMA,
            "draft": draft.id,
            "revision": draft.revision,
            "device_id": done.report.device.id,
            "overall": rollup(findings, proven=done.report.proof.proven),
            "failing": sorted(one.check_id for one in findings if _fails(one)),
            "tried_at": utc_text(now),
        }
    )


def _fails(one: Finding) -> bool:
    counts = one.level is Level.REQUIRED and one.waiver is None and not settled(one)
    return counts and one.status is Status.FAIL
