"""What all parts of the page share: where things lie, the clock, templates, and what runs in the background."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2

from agent import __version__
from agent.desk import Desk
from agent.page.busy import Busy
from agent.page.model import Ask, Reply
from agent.places import Places
from reports.web.pages import environment

if TYPE_CHECKING:
    from agent.page.checking import Checking
    from agent.page.reviewing import Reviewing

TEMPLATES = Path(__file__).parent / "templates"
STATIC = Path(__file__).parent / "static"


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page process. Threads share it."""

    places: Places
    open_desk: Callable[[], Desk]
    """Configuration and policy as they are now. Raises CannotRun."""
    now: Callable[[], datetime]
    """Aware, UTC."""
    clock_s: Callable[[], float]
    """Goes on steadily."""
    checking: "Checking"
    reviewing: "Reviewing"
    stop: threading.Event = field(default_factory=threading.Event)
    """Set when the process ends: whoever looks at a device stops."""
    busy: Busy = field(default_factory=Busy)

    @cached_property
    def jinja(self) -> jinja2.Environment:
        """Templates. Whatever is put in is escaped."""
        return environment(TEMPLATES)

    def render(self, template: str, ask: Ask, *, status: int = 200, **values: Any) -> Reply:
        """A page. Templates see `now` (Unix seconds), `zone` (the laptop's), `version`, and `values`."""
        text = self.jinja.get_template(template).render(
            now=int(ask.at.timestamp()), zone=ask.at.astimezone().tzinfo, version=__version__, **values
        )
        return Reply(status=status, content=text.encode())
