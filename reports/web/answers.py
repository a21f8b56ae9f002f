"""What a web page of ours answers, or why it does not, and the headers that go with every answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field

HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cache-control": "no-store",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What is answered."""

    status: int = 200
    content: bytes = b""
    kind: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    session: str | None = None
    """A new session's token to set as cookie; "" ends the session."""


class Refusal(Exception):
    """The request can't be met. Shown to whoever asked; holds no value that they sent."""

    def __init__(self, *, status: int, code: str, sentence: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.code = code
        """A word for programs, such as `not_found`."""
        self.sentence = sentence
        self.headers = headers or {}


def not_found() -> Refusal:
    """Also for what belongs to another practice: that it exists is theirs."""
    return Refusal(status=404, code="not_found", sentence="There is nothing here under that address.")


def see_other(address: str) -> Reply:
    """After a form was taken: look there. `address` is one of our own paths."""
    return Reply(status=303, headers={"location": address})
