"""Whatever happens in whatever order: stored is what was found twice, ten minutes apart, and never gone between."""

import json
from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from stored_parts import DAY, NOW, PATIENT, picture, terms

from agent.stored.dicomweb import uid_of
from agent.stored.model import Asked, Stored
from agent.stored.system import RecordSystem
from reports.deliver.errors import Reason, TransportError
from reports.deliver.https_door import Answer

UID = uid_of(Asked(data=picture(), patient="", taken_day=None).sha256)
HAS, LOST, OTHER, SILENT = "has", "lost", "other", "silent"


class Pacs:
    """One in memory, in the place of a door to one."""

    def __init__(self) -> None:
        self.state = HAS

    def ask(self, method: str, path: str, **more: Any) -> Answer:
        if self.state == SILENT:
            raise TransportError(permanent=False, reason=Reason.UNREACHABLE, sentence="")
        if "/frames/" in path:
            return Answer(status=200, kind="image/jpeg", body=picture())
        found = [] if self.state == LOST else [row(PATIENT if self.state == HAS else "MRN 2")]
        return Answer(status=200, kind="application/dicom+json", body=json.dumps(found).encode())


def row(patient: str) -> Mapping[str, Any]:
    values = {"00080018": UID, "0020000D": "1.2", "0020000E": "1.3", "00100020": patient}
    return {tag: {"Value": [value]} for tag, value in values.items()}


def opened(pacs: Pacs) -> RecordSystem:
    return RecordSystem(
        terms("https://pacs.example"), secret=lambda: None, open_door=lambda url, limits: pacs,  # type: ignore[arg-type,return-value]
        randomness=bytes, clock_s=lambda: 0.0,
    )  # fmt: skip


STEPS = st.lists(st.tuples(st.sampled_from([HAS, HAS, LOST, OTHER, SILENT]), st.integers(-400, 700)), max_size=12)


@given(STEPS)
def test_stored_is_what_was_there_ten_minutes_ago_and_never_gone_since(steps: list[tuple[str, int]]) -> None:
    pacs, now = Pacs(), NOW
    system = opened(pacs)
    since: int | None = None
    for state, later in steps:
        pacs.state, now = state, now + later
        answer = system.ask(picture(), patient=PATIENT, taken_day=DAY, now=now)
        if state in (LOST, OTHER):
            since = None
        elif state == HAS:
            since = now if since is None else min(since, now)
        due = state == HAS and since is not None and now - since >= 600
        assert (answer.stored is Stored.STORED) == due
        assert (answer.stored is Stored.STORED_ONCE) == (state == HAS and not due)
