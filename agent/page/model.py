"""The nouns of the page: what the clinician's browser asked for, and who answers it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from starlette.datastructures import FormData, QueryParams

from reports.web.answers import Refusal, Reply, not_found, see_other

if TYPE_CHECKING:
    from agent.page.page import Page

__all__ = ["Ask", "Endpoint", "Refusal", "Reply", "not_found", "see_other"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request that has proven to come from the clinician's own browser."""

    page: "Page"
    """Named in quotes, since it knows this module."""
    at: datetime
    """When it came; aware, UTC."""
    path: Mapping[str, str] = field(default_factory=dict)
    query: QueryParams = field(default_factory=QueryParams)
    form: FormData | None = None
    """Of a POST."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One route. A POST changes something, and comes from a form of ours."""

    method: str
    path: str
    """With Starlette's placeholders: `/pictures/{number:int}`."""
    name: str
    """Unique."""
    run: Callable[[Ask], Reply]
    """Called in a thread of its own; may block. Raises Refusal."""
