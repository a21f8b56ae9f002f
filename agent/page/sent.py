"""What the practice sees, byte for byte: what waits, what was sent last, and what never leaves this laptop."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from agent.config import Transport
from agent.desk import Desk
from agent.keep import outbox
from agent.outbox_model import OutboxError, Waiting
from agent.page.model import Ask, Endpoint, Refusal, Reply, not_found, see_other
from agent.page.self_check_contacts import contacts
from agent.page.self_check_devices import Known, known, name_of
from agent.policy_acknowledged import acknowledge, acknowledged
from checks.policy import Policy
from checks.policy_text import shown
from reports.deliver import Kind
from reports.envelope import to_bytes

LOOK_BACK = 200
"""Letters among which the last of each device is looked for; a month of daily checks has fewer."""
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One device's bytes."""

    device_id: str
    name: str
    what: str
    """Waits, was sent, or would be."""
    at: int
    """When it was made, Unix seconds."""
    body: bytes

    @property
    def text(self) -> str:
        """As it is; reports are JSON in UTF-8."""
        return self.body.decode("utf-8", "backslashreplace")


WAITS = "waits to be sent"
SENT = "was sent last"
WOULD = "is what the last check found; it is not queued"


def _page(ask: Ask) -> Reply:
    desk = ask.page.open_desk()
    policy = desk.in_force.policy
    at = acknowledged(str(desk.places.state), policy)
    letters, trouble = _letters(ask, desk)
    return ask.page.render(
        "sent.html",
        ask,
        nav="/sent",
        letters=letters,
        trouble=trouble,
        practice=_practice(desk),
        sends=desk.config.transport is not Transport.NONE,
        policy=_titles(policy),
        policy_version=policy.version,
        acknowledged_at=None if at is None else int(at.timestamp()),
        asked=policy.acknowledgement_required,
        contacts=contacts(desk),
    )


def _practice(desk: Desk) -> str:
    enrolled = desk.told.enrolment
    return "your practice" if enrolled is None else shown(enrolled.practice.name)


def _titles(policy: Policy) -> str:
    return ", over ".join(shown(layer.title) for layer in policy.layers)


def _letters(ask: Ask, desk: Desk) -> tuple[tuple[Letter, ...], str]:
    """One a device, and why the queue can't be read, if so."""
    devices = {one.id: one for one in known(desk, ask.page.checking.snapshot, ask.at) if one.source is not None}
    try:
        box = outbox(desk)
        waiting, left = box.show(), _left(box.sent(LOOK_BACK), desk.config.transport)
    except OutboxError as error:
        return tuple(_would(one) for one in devices.values()), error.sentence
    return tuple(_of_each(devices, waiting, left)), ""


def _of_each(devices: dict[str, Known], waiting: tuple[Waiting, ...], left: tuple[Waiting, ...]) -> Iterator[Letter]:
    """What waits goes before what was sent, newest first; without either it is what a report holds now."""
    last = {one.device_id: (SENT, one) for one in reversed(left)} | {one.device_id: (WAITS, one) for one in waiting}
    for device_id in dict.fromkeys((*devices, *last)):
        device = devices.get(device_id)
        if device_id not in last:
            assert device is not None
            yield _would(device)
            continue
        what, letter = last[device_id]
        name = "A device" if device is None or device.source is None else name_of(device.source.report.device)
        yield _letter(device_id, name, what, letter.created_at, letter.body)


def _left(sent: tuple[Waiting, ...], by: Transport) -> tuple[Waiting, ...]:
    """Mail leaves word of no change out: such a letter is done, and never left."""
    return tuple(one for one in sent if by is not Transport.EMAIL or one.kind is Kind.FULL)


def _would(one: Known) -> Letter:
    assert one.source is not None
    report = one.source.report
    return _letter(one.id, name_of(report.device), WOULD, report.generated_at, to_bytes(report))


def _letter(device_id: str, name: str, what: str, at: datetime, body: bytes) -> Letter:
    return Letter(device_id=device_id, name=name, what=what, at=int(at.timestamp()), body=body)


def _file(ask: Ask) -> Reply:
    """The same bytes as a file."""
    device_id = ask.path["device"]
    if not ID.fullmatch(device_id):
        raise not_found()
    letters, _ = _letters(ask, ask.page.open_desk())
    for one in letters:
        if one.device_id == device_id:
            headers = {"content-disposition": f'attachment; filename="scrubin-report-{device_id[:8]}.json"'}
            return Reply(content=one.body, kind="application/json", headers=headers)
    raise not_found()


def _acknowledge(ask: Ask) -> Reply:
    desk = ask.page.open_desk()
    try:
        acknowledge(str(desk.places.state), desk.in_force.policy, ask.at)
    except OSError as error:
        sentence = f"Your word could not be kept on this laptop: {error.strerror}."
        raise Refusal(status=503, code="not_kept", sentence=sentence) from error
    return see_other("/sent#policy")


ENDPOINTS = (
    Endpoint(method="GET", path="/sent", name="sent", run=_page),
    Endpoint(method="GET", path="/sent/{device}.json", name="sent_file", run=_file),
    Endpoint(method="POST", path="/sent/acknowledge", name="sent_acknowledge", run=_acknowledge),
)
