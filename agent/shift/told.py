"""Of which shifts the person has been told: kept, so that a restart or a clock that jumps tells nobody twice."""

import json
import logging
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from agent.atomic import read_bounded, write_atomic

log = logging.getLogger(__name__)

FILE = "told.json"
SCHEMA = "scrubin/shifts-told/1"
MOST = 50
MOST_BYTES = 8 << 10
AHEAD = timedelta(days=8)
"""What was told of a later shift was told under another clock."""


class Told:
    """Moments at which shifts began or begin, aware and UTC, in memory and in a small file."""

    def __init__(self, folder: str) -> None:
        self._path = os.path.join(folder, FILE)
        self._moments = list(_read(self._path))

    def moments(self, now: datetime) -> Sequence[datetime]:
        """Those that can be: a clock that was years ahead must not silence the coming week."""
        return [one for one in self._moments if one <= now + AHEAD]

    def add(self, moment: datetime) -> None:
        """The person is told now. Where it can't be kept, it is known until this process ends."""
        self._moments = [*self._moments, moment][-MOST:]
        self._write()

    def take_back(self, moment: datetime) -> None:
        """They were not, after all."""
        self._moments = [one for one in self._moments if one != moment]
        self._write()

    def _write(self) -> None:
        body = {"schema": SCHEMA, "told": [one.isoformat() for one in self._moments]}
        try:
            write_atomic(self._path, json.dumps(body).encode())
        except OSError as error:
            log.warning("of which shift the person was told could not be kept (%s)", error.strerror)


def _read(path: str) -> Sequence[datetime]:
    """Nothing for a file that is not there, or that this program did not write."""
    try:
        raw = read_bounded(path, MOST_BYTES)
        body = json.loads(raw)
        if body["schema"] != SCHEMA or not isinstance(body["told"], list):
            raise ValueError("another form")
        return [_moment(one) for one in body["told"][-MOST:]]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        log.warning("of which shifts the person was told can't be read (%s)", type(error).__name__)
        return []


def _moment(text: str) -> datetime:
    """Raises ValueError, TypeError."""
    one = datetime.fromisoformat(text)
    if one.tzinfo is None:
        raise ValueError("no zone")
    return one.astimezone(UTC)
