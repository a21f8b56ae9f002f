"""Who acknowledged which policy is remembered, and only that very policy counts."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from policy_example import CHECKS, layer

from agent.policy_acknowledged import FILE, MOST_KEPT, acknowledge, acknowledged
from checks.policy import Policy, compose

NOW = datetime(2026, 11, 21, 7, 12, tzinfo=UTC)


def policy(body: str = "", version: str = "7") -> Policy:
    return compose([layer(body, "practice", version)], CHECKS)


def test_nothing_is_acknowledged_at_first(tmp_path):
    assert acknowledged(str(tmp_path / "none"), policy()) is None


def test_an_acknowledged_policy_has_its_moment(tmp_path):
    state = str(tmp_path / "state")
    acknowledge(state, policy(), NOW)
    assert acknowledged(state, policy()) == NOW
    assert (tmp_path / "state" / FILE).stat().st_mode & 0o777 == 0o600


def test_the_latest_moment_counts_and_the_history_stays(tmp_path):
    state, later = str(tmp_path), (NOW + timedelta(days=1)).astimezone(timezone(timedelta(hours=11)))
    for moment in (NOW, later):
        acknowledge(state, policy(), moment)
    assert acknowledged(state, policy()) == later
    assert len(json.loads((tmp_path / FILE).read_text())["acknowledged"]) == 2


@pytest.mark.parametrize("other", [policy(version="8"), policy("[grace]\ndays = 1\n")])
def test_another_version_or_another_text_of_it_is_not_acknowledged(tmp_path, other):
    acknowledge(str(tmp_path), policy(), NOW)
    assert acknowledged(str(tmp_path), other) is None
    acknowledge(str(tmp_path), other, NOW)
    assert acknowledged(str(tmp_path), policy()) == NOW


def test_the_history_is_bounded_and_the_newest_stay(tmp_path):
    versions = [str(number) for number in range(MOST_KEPT + 1)]
    for version in versions:
        acknowledge(str(tmp_path), policy(version=version), NOW)
    assert acknowledged(str(tmp_path), policy(version="0")) is None
    assert acknowledged(str(tmp_path), policy(version="1")) == NOW
    assert acknowledged(str(tmp_path), policy(version=versions[-1])) == NOW


SOUND = {"id": policy().id, "version": policy().version, "digest": policy().digest, "at": NOW.isoformat()}
UNSOUND = [None, 5, [], {}, {**SOUND, "at": 5}, {**SOUND, "at": "soon"}, {**SOUND, "at": "2026-11-21T07:12:00"}]
UNSOUND += [{**SOUND, "digest": 5}, {name: one for name, one in SOUND.items() if name != "id"}]


@pytest.mark.parametrize("entry", UNSOUND)
def test_an_entry_that_is_not_sound_counts_as_none(tmp_path, entry):
    body = {"schema": "scrubin/acknowledgements/1", "acknowledged": [entry, SOUND, entry]}
    (tmp_path / FILE).write_text(json.dumps(body))
    assert acknowledged(str(tmp_path), policy()) == NOW


DAMAGED = [b"", b"[]", b"{", b"\xff", b"[" * 50_000, b'{"schema": "other/1", "acknowledged": []}']
DAMAGED += [json.dumps({"schema": "other/1", "acknowledged": [SOUND]}).encode()]
DAMAGED += [b'{"schema": "scrubin/acknowledgements/1"}', b'{"schema": "scrubin/acknowledgements/1", "acknowledged": 5}']


@pytest.mark.parametrize("raw", DAMAGED)
def test_a_damaged_history_counts_as_none_and_is_begun_anew(tmp_path, raw):
    (tmp_path / FILE).write_bytes(raw)
    assert acknowledged(str(tmp_path), policy()) is None
    acknowledge(str(tmp_path), policy(), NOW)
    assert acknowledged(str(tmp_path), policy()) == NOW


def test_a_history_that_cannot_be_read_is_left_alone(tmp_path):
    (tmp_path / FILE).mkdir()
    with pytest.raises(OSError, match="not a regular file"):
        acknowledge(str(tmp_path), policy(), NOW)
    assert acknowledged(str(tmp_path), policy()) is None
    assert (tmp_path / FILE).is_dir()
