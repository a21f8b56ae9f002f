"""The nouns of the console: who may do what, what was asked, and what is answered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from starlette.datastructures import FormData, QueryParams

from reports.web.answers import Refusal, Reply, not_found

__all__ = ["RANK", "Access", "Ask", "Endpoint", "Person", "Refusal", "Reply", "Role", "Scope", "Token", "not_found"]

if TYPE_CHECKING:
    from reports.console.console import Console


class Role(StrEnum):
    """What a person may do in one practice. Each may do what those after it may."""

    ADMINISTRATOR = "administrator"
    """Users, sign-in, channels, and all that follows."""
    MANAGER = "manager"
    """Devices, codes, waivers, policy."""
    AUDITOR = "auditor"
    """Reads."""


RANK = {Role.AUDITOR: 0, Role.MANAGER: 1, Role.ADMINISTRATOR: 2}


class Scope(StrEnum):
    """What an API token may do."""

    READ = "read"
    """Devices, findings, waivers, policy, audit log."""
    MANAGE = "manage"
    """Codes, waivers, device labels."""


class Access(StrEnum):
    """Who an endpoint is for."""

    ANYBODY = "anybody"
    """Sign-in, health, static files."""
    PERSON = "person"
    """Signed in, in the role that the endpoint names or a higher one."""
    TOKEN = "token"  # noqa: S105 - a kind of caller
    """An API token with the scope that the endpoint names, or a person through their session."""
    DEVICE = "device"
    """An enrolled agent, by its signature."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who is signed in, in one practice."""

    id: str
    name: str
    email: str
    role: Role
    practice_id: str
    csrf: str
    """What each form that changes something must carry."""

    @property
    def label(self) -> str:
        """As it stands in the audit log."""
        return self.email


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A program."""

    id: str
    name: str
    scopes: frozenset[Scope]
    practice_id: str

    @property
    def label(self) -> str:
        """As it stands in the audit log."""
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request, checked and read."""

    console: "Console"
    """Named in quotes, since it knows this module."""
    caller: Person | Token | None
    path: Mapping[str, str]
    query: QueryParams
    form: FormData | None = None
    """Of a page's POST; its CSRF token was checked."""
    body: Any = None
    """Of an API call: the struct that the endpoint names."""
    headers: Mapping[str, str] = field(default_factory=dict)
    peer: str = ""
    """The address that it came from, for rate limits. It is not kept."""
    session: str = ""
    """The session's token, for signing out."""
    here: str = ""
    """Scheme and host as the browser addresses us, for addresses that are given out."""

    @property
    def practice_id(self) -> str:
        """The practice that every query of this request is bound to."""
        assert self.caller is not None  # Access.PERSON and Access.TOKEN bring one
        return self.caller.practice_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One route. Pages, the API, its OpenAPI and the test of who may do what are all made from these."""

    method: str
    path: str
    """With Starlette's placeholders: `/devices/{device_id}`."""
    name: str
    """Unique."""
    access: Access
    run: Callable[[Ask], Reply]
    """Called in a thread of its own; may block."""
    role: Role = Role.AUDITOR
    """For Access.PERSON, and people behind Access.TOKEN."""
    scope: Scope = Scope.READ
    body: type[Any] | None = None
    """The msgspec struct of an API call's body."""
    answer: type[Any] | None = None
    """The msgspec struct of its answer, for the OpenAPI."""
    about: str = ""
    """One sentence for the OpenAPI."""
