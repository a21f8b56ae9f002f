"""Takes in what a device would be under a draft of the policy: a verdict, and which checks fail."""

import sqlalchemy as sa

from reports.console.console import Console
from reports.console.intake.directive import DRAFT
from reports.console.intake.keys import Agent
from reports.console.intake.sentences import refusal
from reports.console.intake.shapes import TrialShape, as_stored, seconds
from reports.console.store import tables
from reports.console.store.engine import insert


def take_trial(console: Console, agent: Agent, trial: TrialShape) -> None:
    """Of a device of this agent, under a draft of its practice. Raises Refusal."""
    policies, devices, trials = tables.policies.c, tables.devices.c, tables.trials
    draft = sa.and_(
        policies.id == trial.draft,
        policies.practice_id == agent.practice_id,
        policies.state == DRAFT,
        policies.revision >= trial.revision,
    )
    mine = sa.and_(devices.id == trial.device_id, devices.agent_id == agent.id)
    with console.store.write() as db:
        if db.scalar(sa.select(devices.id).where(mine)) is None:
            raise refusal("wrong_device")
        if db.scalar(sa.select(policies.id).where(draft)) is None:
            raise refusal("not_found")
        said = {
            "overall": trial.overall.value,
            "failing": as_stored(sorted(set(trial.failing))),
            # As the device's clock has it, but no time that no page can show.
            "tried_at": max(min(seconds(trial.tried_at), console.now()), 0),
        }
        keys = {"policy_id": trial.draft, "revision": trial.revision, "device_id": trial.device_id}
        query = insert(console.store, trials).values(**keys, **said, practice_id=agent.practice_id)
        db.execute(query.on_conflict_do_update(index_elements=list(keys), set_=said))
