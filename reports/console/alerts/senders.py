"""Sends one message by one channel, in the channel's own language."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import ip_network
from typing import Any

from reports.console.alerts import cards, door, mail_words, mailing, webhooks
from reports.console.alerts.channels import Channel, Kind
from reports.console.alerts.door import Answer, Network, Parcel
from reports.console.alerts.outside import Outside
from reports.console.alerts.queue import Wanted
from reports.console.alerts.undelivered import Undelivered
from reports.console.alerts.webhooks import Sealer
from reports.console.console import Console
from reports.web.words import iso

NETWORKS = "private_networks"
"""The setting that names private networks which webhooks may reach: a list such as ["10.0.0.0/8"]."""
JSON = {"content-type": "application/json"}
MOST_WAIT_S = 86400
TEAMS_BYTES = 28_000
TYPES = {"now": "alerts.changed", "digest": "alerts.digest", "probe": "alerts.test"}


def send(console: Console, outside: Outside, channel: Channel, message: Any) -> None:
    """Return once the receiver has taken it. `message` is a row of the queue. Raises Undelivered."""
    content = json.loads(message.content)
    if channel.kind is Kind.EMAIL:
        _mail(console, outside, channel, message, content)
        return
    allowed = networks_of(console, channel.practice_id)
    parcel = _parcel(console, channel, message, content)
    accepted(door.post(outside, parcel, allowed=allowed), now=console.now())


def networks_of(console: Console, practice_id: str) -> Sequence[Network]:
    """Private networks that IT opened. Raises StoreError."""
    return tuple(ip_network(one) for one in console.setting(practice_id, NETWORKS) or ())


def _mail(console: Console, outside: Outside, channel: Channel, message: Any, content: Mapping[str, Any]) -> None:
    networks = [str(one) for one in networks_of(console, channel.practice_id)]
    details = {**channel.details, "networks": networks}
    if message.kind == Wanted.PROBE:
        mailing.try_out(outside, details, now=console.now())
        return
    mail = mail_words.mail_of(console, content, message_id=message.id, at=message.created_at)
    mailing.send(outside, details, mail, now=console.now())


def _parcel(console: Console, channel: Channel, message: Any, content: Mapping[str, Any]) -> Parcel:
    url = channel.details["url"]
    if channel.kind is Kind.WEBHOOK:
        return _webhook(console, channel, message, content)
    if channel.kind is Kind.SLACK:
        return Parcel(url=url, body=json.dumps(cards.slack(content, console.public_url)).encode(), headers=JSON)
    made = cards.card if channel.details["shape"] == "card" else cards.workflow
    body = json.dumps(made(content, console.public_url)).encode()
    if len(body) > TEAMS_BYTES:
        body = json.dumps(made({**content, "items": content["items"][:10]}, console.public_url)).encode()
    return Parcel(url=url, body=body, headers=JSON)


def _webhook(console: Console, channel: Channel, message: Any, content: Mapping[str, Any]) -> Parcel:
    data = {key: value for key, value in content.items() if key not in ("kind", "timezone", "at")}
    data["link"] = console.public_url
    body = webhooks.body(TYPES[content["kind"]], at=iso(content["at"]), data=data)
    details = channel.details
    current = [details["secret"]]
    if details.get("old_secret") and console.now() < details["old_until"]:
        current.append(details["old_secret"])
    sealer = Sealer(secrets=current, private=details.get("private", ""))
    signed = webhooks.headers(sealer, message_id=f"msg_{message.id}", at=console.now(), body=body)
    return Parcel(url=details["url"], body=body, headers=signed)


def accepted(answer: Answer, *, now: int) -> None:
    """Any 2xx. Raises Undelivered, also for a redirect: who set the channel named its address."""
    if 200 <= answer.status < 300:
        return
    if answer.status == 410:
        raise Undelivered("The receiver says that this address is gone for good (HTTP 410).", gone=True)
    if 300 <= answer.status < 400:
        raise Undelivered(f"The receiver sends us to another address, which we don't follow (HTTP {answer.status}).")
    wait_s = waited(answer.retry_after, now=now)
    raise Undelivered(f"The receiver did not take the message (HTTP {answer.status}).", wait_s=wait_s)


def waited(header: str, *, now: int) -> int:
    """Seconds of a Retry-After, by number or by date; a day at most, 0 where it says nothing."""
    if header.isascii() and header.isdecimal():
        return min(int(header[:9]), MOST_WAIT_S)
    try:
        until = parsedate_to_datetime(header[:60])
    except (ValueError, OverflowError):
        return 0
    moment = until if until.tzinfo is not None else until.replace(tzinfo=UTC)
    return min(max(int((moment - datetime.fromtimestamp(now, UTC)).total_seconds()), 0), MOST_WAIT_S)
