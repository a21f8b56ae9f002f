"""One question to the record system and its answer: in bounds, in time, never led elsewhere, never taken on trust."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from agent.stored.model import Because, LookError

if TYPE_CHECKING:
    from reports.deliver.https_door import Answer, Door, Limits

LONGEST_ADDRESS = 2000
"""Characters, of what a server says where to go on."""
JSON_BYTES = 512 << 10
SAFE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?[]@!$&'()*+,;=%|")
OpenDoor = Callable[[str, "Limits"], "Door"]
"""The way to a server, by its address without a slash at the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """When a whole look must have come to its end."""

    ends_s: float
    clock_s: Callable[[], float]

    def left_s(self) -> float:
        """More than nothing. Raises LookError where there is nothing left."""
        left = self.ends_s - self.clock_s()
        if left <= 0:
            raise LookError(Because.LATE)
        return left


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """The way to one server for one look."""

    url: str
    """Of its root, without a slash at its end."""
    open_door: OpenDoor
    deadline: Deadline
    headers: Mapping[str, str]
    """What lets us in; goes to this server and no other."""

    def get(self, place: str, *, accept: str, most_bytes: int) -> "Answer":
        """What is at `place`, which is put behind the root. Any status. Raises LookError."""
        return exchange(
            self.open_door, self.url, self.deadline, method="GET", path=place, most_bytes=most_bytes,
            headers={**self.headers, "Accept": accept},
        )  # fmt: skip

    def get_json(self, place: str, *, accept: str, kinds: Collection[str]) -> Any:
        """A good answer's JSON; an empty list for one that says "nothing here" (204). Raises LookError."""
        answer = self.get(place, accept=accept, most_bytes=JSON_BYTES)
        if answer.status == 204:
            return []
        must_be_good(answer)
        if answer.kind not in kinds:
            raise LookError(Because.STRANGER)
        return parsed(answer.body)

    def within(self, address: str) -> str | None:
        """An address that the server gave, as a place behind our root; None where it leads anywhere else."""
        if not 0 < len(address) <= LONGEST_ADDRESS or not SAFE.issuperset(address):
            return None
        try:
            whole = urljoin(f"{self.url}/", address)
        except ValueError:
            return None
        place = whole.removeprefix(self.url)
        if place == whole or not place.startswith(("/", "?")) or ".." in place:
            return None
        return place


def exchange(
    open_door: OpenDoor,
    url: str,
    deadline: Deadline,
    *,
    method: str,
    path: str,
    most_bytes: int,
    headers: Mapping[str, str],
    form: bytes | None = None,
) -> "Answer":
    """Ask once. Raises LookError, and nothing else."""
    from reports.deliver.errors import Reason, TransportError  # TLS and requests: loaded when somebody asks
    from reports.deliver.https_door import Limits

    left = deadline.left_s()
    limits = Limits(connect_s=min(left, 10.0), read_s=left, total_s=left, answer_bytes=most_bytes)

    def as_form(request: Any) -> None:
        request.headers["Content-Type"] = "application/x-www-form-urlencoded"

    sign = None if form is None else as_form
    try:
        return open_door(url, limits).ask(method, path, body=form, headers=headers, sign=sign)
    except TransportError as error:
        because = {
            Reason.TIMEOUT: Because.LATE,
            Reason.CERTIFICATE: Because.CERTIFICATE,
            Reason.PORTAL: Because.ODD_ANSWER,  # of a door's own errors it is the one about an answer without an end
        }.get(error.reason, Because.NO_WAY)
        raise LookError(because) from error
    except ValueError as error:  # no address at all, such as one with a name that no server can have
        raise LookError(Because.ODD_POLICY) from error


def must_be_good(answer: "Answer") -> None:
    """Raise LookError unless the status is 200: nothing else says anything of a picture."""
    status = answer.status
    if status == 200:
        return
    if status in (401, 403):
        because = Because.NOT_ALLOWED
    else:
        because = Because.STRANGER if 300 <= status < 400 else Because.FAULTY
    raise LookError(because, status=status)


def parsed(body: bytes) -> Any:
    """JSON as plain values. Raises LookError."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise LookError(Because.ODD_ANSWER) from error
