"""Where absence is an answer: NOT_FOUND becomes a value, every other reason goes up."""

from collections.abc import Callable
from typing import TypeVar

from agent.collect.host import CollectError, Host
from checks.evidence import Why

T = TypeVar("T")


def if_there(look: Callable[[], T]) -> T | None:
    """What a look saw, or None where there is nothing to look at. Raises CollectError for any other reason."""
    try:
        return look()
    except CollectError as error:
        if error.why is Why.NOT_FOUND:
            return None
        raise


def there(host: Host, path: str) -> bool:
    """Whether something stands at a path. Raises CollectError where that cannot be seen."""
    return if_there(lambda: host.stat(path)) is not None


def text_if_there(host: Host, path: str) -> str | None:
    """The text of a file, or None when there is no such file. Raises CollectError."""
    return if_there(lambda: host.read(path))


def names_if_there(host: Host, folder: str) -> tuple[str, ...]:
    """The names in a folder, sorted; () when there is no such folder. Raises CollectError."""
    return if_there(lambda: host.names(folder)) or ()
