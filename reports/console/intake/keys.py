"""Which agent a key belongs to."""

import threading
from dataclasses import dataclass

import sqlalchemy as sa

from reports.console.console import Console
from reports.console.intake.sentences import refusal
from reports.console.store import tables

REMEMBERED = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """One enrolled laptop, as far as its signature goes."""

    id: str
    practice_id: str
    public_key: str
    ended: bool


class Keys:
    """Agents by id. What is remembered may be out of date: the writer looks again in its transaction."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._lock = threading.Lock()
        self._known: dict[str, Agent] = {}

    def remembered(self, agent_id: str) -> Agent | None:
        """Without asking the database."""
        return self._known.get(agent_id)

    def look_up(self, agent_id: str) -> Agent:
        """As it is now. Raises Refusal for whom is not enrolled."""
        agents = tables.agents.c
        columns = (agents.id, agents.practice_id, agents.public_key, agents.ended_at)
        with self._console.store.read() as db:
            row = db.execute(sa.select(*columns).where(agents.id == agent_id)).one_or_none()
        if row is None:
            self.forget(agent_id)
            raise refusal("unknown_key")
        ended = row.ended_at is not None
        return Agent(id=row.id, practice_id=row.practice_id, public_key=row.public_key, ended=ended)

    def remember(self, agent: Agent) -> None:
        """Its signature was found good."""
        with self._lock:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[agent.id] = agent

    def forget(self, agent_id: str) -> None:
        """It ended, or has another key."""
        with self._lock:
            self._known.pop(agent_id, None)
