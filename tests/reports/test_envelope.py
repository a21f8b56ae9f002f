"""What leaves the device: one definition, read back as it was written."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import jsonschema
import pytest
from fakes import NOON, laptop
from hypothesis import given
from hypothesis import strategies as st

import reports
from checks.model import Attestation, Finding, Level, Overall, Severity, Status, Waiver, Word
from reports.envelope import EnvelopeError, Proof, Report, fingerprint, from_bytes, to_bytes

FINDING = Finding(
    uid="11111111-1111-5111-8111-111111111111", check_id="screen_lock", title="Screen locks with a credential",
    severity=Severity.HIGH, level=Level.REQUIRED, device_id=laptop().id, profile="owner", status=Status.FAIL,
    because="locking is switched off",
    measures={"reasons": ("lock_off",), "limit_s": 300, "on": True, "delay": "never"},
    source="device", observed_at=NOON,
)  # fmt: skip
SAID = Attestation(saw=Word.OFF, at=NOON, until=NOON + timedelta(days=30), counts=True)
ATTESTED = replace(FINDING, status=Status.UNKNOWN, attestation=SAID)
REPORT = Report(
    id="22222222-2222-4222-8222-222222222222", agent_version="0.1.0", device=laptop(), overall=Overall.NOT_COMPLIANT,
    policy_id="baseline", policy_version="baseline-1", proof=Proof(planted=2, found=2), generated_at=NOON,
    findings=(FINDING, replace(FINDING, waiver=Waiver(uid=FINDING.uid, who="", why="", until=NOON)), ATTESTED),
)  # fmt: skip


def test_report_reads_back_as_it_was() -> None:
    assert from_bytes(to_bytes(REPORT)) == REPORT


def test_bytes_are_canonical() -> None:
    text = to_bytes(REPORT).decode("ascii")
    assert json.dumps(json.loads(text), sort_keys=True, separators=(",", ":")) == text
    assert list(json.loads(text)) == sorted(json.loads(text))


@pytest.mark.parametrize(
    ("proof", "proven"), [((0, 0), False), ((2, 1), False), ((2, 2), True), ((1, 1), True), ((1, 2), False)]
)
def test_proven_means_every_planted_setting_was_found(proof: tuple[int, int], proven: bool) -> None:
    assert Proof(planted=proof[0], found=proof[1]).proven is proven


def test_fingerprint_ignores_times_and_id_and_nothing_else() -> None:
    later = replace(
        REPORT,
        id="x",
        generated_at=NOON + timedelta(days=1),
        findings=tuple(replace(one, observed_at=NOON + timedelta(days=1)) for one in REPORT.findings),
    )
    assert fingerprint(later) == fingerprint(REPORT)
    changed = replace(FINDING, status=Status.UNKNOWN)
    others = [
        replace(REPORT, findings=(changed,)), replace(REPORT, overall=Overall.CANNOT_TELL),
        replace(REPORT, policy_version="2"), replace(REPORT, proof=Proof(planted=2, found=1)),
    ]  # fmt: skip
    assert fingerprint(REPORT) not in {fingerprint(one) for one in others}


@given(st.binary(max_size=200))
def test_any_bytes_are_a_report_or_an_envelope_error(data: bytes) -> None:
    with pytest.raises(EnvelopeError):
        from_bytes(data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)


@given(st.sampled_from(sorted(json.loads(to_bytes(REPORT)))), JSON)
def test_any_value_in_any_key_is_read_or_refused(key: str, value: object) -> None:
    body = {**json.loads(to_bytes(REPORT)), key: value}
    try:
        assert isinstance(from_bytes(json.dumps(body).encode()), Report)
    except EnvelopeError:
        return  # refused in words: anything else would have gone up


@pytest.mark.parametrize("key", sorted(json.loads(to_bytes(REPORT))))
def test_missing_key_is_named(key: str) -> None:
    body = json.loads(to_bytes(REPORT))
    del body[key]
    with pytest.raises(EnvelopeError, match=key):
        from_bytes(json.dumps(body).encode())


def test_persons_own_word_travels_as_such() -> None:
    sent = json.loads(to_bytes(replace(REPORT, findings=(ATTESTED,))))["findings"][0]
    assert sent["status"] == "unknown"
    assert sent["attestation"] == {
        "saw": "off", "at": "2026-11-21T12:00:00Z", "until": "2026-12-21T12:00:00Z", "counts": True
    }  # fmt: skip


def test_report_with_a_word_keeps_to_the_schema() -> None:
    schema = json.loads((Path(reports.__file__).parent / "schemas" / "check-1.json").read_text())
    body = json.loads(to_bytes(REPORT))
    body["findings"] = body["findings"][-1:]
    answer = {"schema": "scrubin/check/1", "reports": [body], "not_checked": [], "notes": []}
    jsonschema.validate(answer, schema)
    assert {str(one) for one in Word} == set(
        schema["$defs"]["finding"]["properties"]["attestation"]["anyOf"][1]["properties"]["saw"]["enum"]
    )
    body["findings"][0]["attestation"]["who"] = "a name"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(answer, schema)


def test_report_that_was_queued_before_there_were_attestations_is_read() -> None:
    body = json.loads(to_bytes(REPORT))
    for one in body["findings"]:
        del one["attestation"]
    bare = tuple(replace(one, attestation=None) for one in REPORT.findings)
    assert from_bytes(json.dumps(body).encode()) == replace(REPORT, findings=bare)


SENT = {"saw": "off", "at": "2026-11-21T12:00:00Z", "until": "2026-12-21T12:00:00Z", "counts": True}


@pytest.mark.parametrize(
    "word", [7, "off", [1], {}, {**SENT, "counts": 1}, {**SENT, "saw": "well"}, {**SENT, "at": "soon"},
             {**SENT, "until": 7}, {**SENT, "saw": ["off"]}],
)  # fmt: skip
def test_garbled_word_is_refused(word: object) -> None:
    body = json.loads(to_bytes(REPORT))
    body["findings"][0]["attestation"] = word
    with pytest.raises(EnvelopeError):
        from_bytes(json.dumps(body).encode())


def test_fingerprint_changes_when_a_word_comes_changes_or_ends() -> None:
    changes = [None, SAID, replace(SAID, counts=False), replace(SAID, saw=Word.ON), replace(SAID, until=NOON)]
    reports = [replace(REPORT, findings=(replace(ATTESTED, attestation=one),)) for one in changes]
    assert len({fingerprint(one) for one in reports}) == len(changes)


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(EnvelopeError):
        from_bytes(b"[" * 100_000)


def test_who_granted_a_waiver_and_why_stay_behind() -> None:
    waiver = Waiver(uid=FINDING.uid, who="Dr Example", why="waits for a new one", until=NOON)
    sent = to_bytes(replace(REPORT, findings=(replace(FINDING, waiver=waiver),))).decode()
    assert "Dr Example" not in sent
    assert "waits for" not in sent
    assert json.loads(sent)["findings"][0]["waiver"] == {"uid": FINDING.uid, "until": "2026-11-21T12:00:00Z"}
