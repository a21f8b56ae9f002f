"""Invented devices for a console to be timed with: one large practice, with findings, changes, waivers and a trend."""

import random
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import sqlalchemy as sa

from checks.catalog import CATALOG
from reports.console.console import Console
from reports.console.store import tables

HOUR, DAY = 3600, 86400
BATCH = 5000
PHONES = ("Pixel 9a", "Galaxy S23", "Galaxy A55", "Redmi Note 13", "Moto G54")
LAPTOPS = ("ThinkPad T14", "MacBook Air", "Surface Pro", "Latitude 7440")
RECOMMENDED = {"geotagging", "usb_debugging", "photo_access"}
Row = dict[str, Any]


def fill(console: Console, practice_id: str, *, devices: int, seed: int = 7) -> None:
    """Rows of `devices` devices; of ten, six are laptops and four the phones of such laptops' owners."""
    chance, now = random.Random(seed), console.now()
    made = [_device(chance, practice_id, number, now) for number in range(devices)]
    groups = [{"id": _uuid(chance), "practice_id": practice_id, "name": f"Ward {n}"} for n in range(20)]
    laptops = [one for one in made if one["kind"] == "laptop"] or made[:1]
    agents = {one["agent_id"]: one for one in laptops}
    for one in made:
        if one["kind"] == "phone":
            one["agent_id"] = chance.choice(laptops)["agent_id"]
    _put(console, tables.groups, groups)
    _put(console, tables.agents, (_agent(chance, one, groups, n) for n, one in enumerate(agents.values())))
    _put(console, tables.devices, made)
    _put(console, tables.findings, (row for one in made for row in _findings(chance, one, now)))
    _put(console, tables.changes, (row for one in made for row in _changes(chance, one, now)))
    _put(console, tables.waivers, (_waiver(chance, one, now) for one in made[:: max(1, devices // 2000)]))
    _put(console, tables.day_counts, _days(practice_id, devices, now))
    if not console.store.is_sqlite:
        with console.store.write() as db:
            db.execute(sa.text("ANALYZE"))


def _put(console: Console, table: sa.Table, rows: Iterable[Row]) -> None:
    left = iter(rows)
    while batch := list(islice(left, BATCH)):
        with console.store.write() as db:
            db.execute(table.insert(), batch)


def _uuid(chance: random.Random) -> str:
    return str(uuid.UUID(int=chance.getrandbits(128), version=4))


def _device(chance: random.Random, practice_id: str, number: int, now: int) -> Row:
    laptop = number % 10 < 6
    overall = chance.choices(("compliant", "not_compliant", "cannot_tell"), (65, 25, 10))[0]
    received = now - chance.randrange(20 * HOUR) - (9 * DAY if chance.random() < 0.05 else 0)
    return {
        "id": _uuid(chance),
        "practice_id": practice_id,
        "agent_id": _uuid(chance),
        "kind": "laptop" if laptop else "phone",
        "platform": "linux" if laptop else "android",
        "model": chance.choice(LAPTOPS if laptop else PHONES),
        "os_version": "Debian 12" if laptop else "16",
        "ownership": chance.choice(("personal", "practice_owned")),
        "first_seen_at": now - 200 * DAY,
        "received_at": received,
        "observed_at": received - 60,
        "report_id": _uuid(chance),
        "overall": overall,
        "overall_since": now - chance.randrange(60) * DAY,
        "proven": chance.random() < 0.999,
        "policy_name": "Example Practice",
        "policy_version": "7",
        "agent_version": "0.9.2",
        "to_fix": chance.randrange(1, 4) if overall == "not_compliant" else 0,
        "due_at": received + 4 * DAY,
        "seq": 40,
        "chain": "gap" if chance.random() < 0.0005 else "whole",
        "ended_at": now - 30 * DAY if chance.random() < 0.03 else None,
    }


def _agent(chance: random.Random, device: Row, groups: list[Row], number: int) -> Row:
    return {
        "id": device["agent_id"],
        "practice_id": device["practice_id"],
        "group_id": chance.choice(groups)["id"],
        "laptop_id": device["id"],
        "public_key": "",
        "ownership": device["ownership"],
        "label": f"Staff {number:06}",
        "enrolled_at": device["first_seen_at"],
    }


def _findings(chance: random.Random, device: Row, now: int) -> Iterator[Row]:
    bad = set(chance.sample(range(len(CATALOG)), device["to_fix"]))
    for place, check in enumerate(CATALOG):
        unclear = device["overall"] == "cannot_tell" and place == 1
        status = "fail" if place in bad else "unknown" if unclear else "pass"
        since = now - chance.randrange(120 * DAY)
        yield {
            "device_id": device["id"],
            "uid": _uuid(chance),
            "practice_id": device["practice_id"],
            "check_id": check.id,
            "title": check.title,
            "severity": str(check.severity),
            "level": "recommended" if check.id in RECOMMENDED else "required",
            "status": status,
            "because": "as the policy asks" if status == "pass" else "past what the policy allows: over 5 minutes",
            "measures": '{"reasons":["kept"],"limit_hours":24}',
            "profile": "owner",
            "source": "device",
            "observed_at": device["observed_at"],
            "since": since,
            "failed_since": None if status == "pass" else since,
            "waived_until": now + 20 * DAY if status == "fail" and chance.random() < 0.05 else None,
            "attestation": None,
            "settled": False,
        }


def _changes(chance: random.Random, device: Row, now: int) -> Iterator[Row]:
    for before, after in (("cannot_tell", "compliant"), ("compliant", device["overall"])):
        at = now - chance.randrange(60 * DAY)
        yield {
            "practice_id": device["practice_id"],
            "device_id": device["id"],
            "agent_id": device["agent_id"],
            "what": "overall",
            "before": before,
            "after": after,
            "at": at,
            "received_at": at + 60,
        }


def _waiver(chance: random.Random, device: Row, now: int) -> Row:
    return {
        "id": _uuid(chance),
        "practice_id": device["practice_id"],
        "device_id": device["id"],
        "uid": _uuid(chance),
        "check_id": "updates",
        "owner": "IT lead",
        "reason": "ultrasound software is not certified yet",
        "created_at": now - 30 * DAY,
        "created_by": "it@practice.example",
        "until": now + chance.randrange(60) * DAY,
    }


def _days(practice_id: str, devices: int, now: int) -> Iterator[Row]:
    for back in range(84):
        day = (datetime.fromtimestamp(now, UTC) - timedelta(days=back + 1)).date().isoformat()
        good = int(devices * (0.65 - back * 0.002))
        rest = devices - good
        row = {"compliant": good, "not_compliant": rest // 2, "cannot_tell": rest // 4, "overdue": rest // 4}
        yield {"practice_id": practice_id, "day": day, **row}
