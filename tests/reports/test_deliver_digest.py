"""The text of the mail: what practice IT must know, and nobody's private matters."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from deliver_parts import DEVICE, NOON, REPORT_ID, SAID, WAIVER, finding, letter, report

from checks.model import Level, Overall, Status, Word
from reports.deliver.bodies import FOLDED_SCHEMA, Opened, Seen, folded, opened, unchanged, utc_text
from reports.deliver.digest import subject, text
from reports.envelope import EnvelopeError, Proof, to_bytes

FAIL, PASS, UNKNOWN = (finding(f"check_{one}", one) for one in (Status.FAIL, Status.PASS, Status.UNKNOWN))
SETTLED = replace(UNKNOWN, attestation=SAID)
NOT_COUNTED = replace(UNKNOWN, attestation=replace(SAID, saw=Word.ON, counts=False))


def says(*findings, history=(), **changes):
    return text(Opened(report=report(*findings, **changes), history=tuple(history)))


@pytest.mark.parametrize(
    ("findings", "overall", "expected"),
    [
        ([FAIL, PASS, UNKNOWN], Overall.NOT_COMPLIANT, "2 of 3 checks need attention"),
        ([FAIL, PASS], Overall.NOT_COMPLIANT, "1 of 2 checks needs attention"),
        ([FAIL], Overall.NOT_COMPLIANT, "1 of 1 check needs attention"),
        ([PASS, finding("n", Status.NOT_APPLICABLE)], Overall.COMPLIANT, "all 2 checks in order"),
        ([PASS], Overall.CANNOT_TELL, "the device cannot be judged"),
        ([PASS, replace(FAIL, waiver=WAIVER)], Overall.COMPLIANT, "all 2 checks in order"),
        ([PASS, replace(FAIL, level=Level.RECOMMENDED)], Overall.COMPLIANT, "all 1 check in order"),
        ([PASS, SETTLED], Overall.COMPLIANT, "all 2 checks in order, 1 of them by the person's own word"),
        ([PASS, replace(SETTLED, waiver=WAIVER)], Overall.COMPLIANT, "all 2 checks in order"),
        ([PASS, NOT_COUNTED], Overall.CANNOT_TELL, "1 of 2 checks needs attention"),
    ],
)
def test_subject(findings, overall, expected):
    assert subject(report(*findings, overall=overall)) == f"Device compliance: {expected} (laptop 11111111)"


def test_text_reads_like_this():
    recommended = replace(finding("geotagging", Status.ERROR), level=Level.RECOMMENDED)
    waived = replace(finding("updates", Status.FAIL), waiver=WAIVER)
    assert says(FAIL, recommended, waived, PASS) == (
        "The laptop 11111111 is not compliant.\n"
        "Policy: practice-default, version 3\n"
        "Audited: 2026-11-21 12:00 UTC, by scrubin 0.1.0\n"
        "\n"
        "Needs attention\n"
        "  Title of check_fail: fails (high)\n"
        "    because of check_fail\n"
        "\n"
        "Recommended\n"
        "  Title of geotagging: could not look (high)\n"
        "    because of geotagging\n"
        "\n"
        "Waived by the practice\n"
        "  Title of updates: fails (high, waived until 2026-12-21)\n"
        "    because of updates\n"
        "\n"
        "In order, or does not apply\n"
        "  Title of check_pass: in order (high)\n"
        "\n"
        "The report is attached. It holds verdicts, never what was seen: no picture, file name, place or account.\n"
    )


def test_persons_own_word_is_told_as_such_and_keeps_the_status():
    whole = says(NOT_COUNTED, replace(SETTLED, title="Other title"), PASS, overall=Overall.CANNOT_TELL)
    assert whole.split("\n\n")[1:3] == [
        "Needs attention\n"
        "  Title of check_unknown: unknown (high)\n"
        "    because of check_unknown\n"
        '    The person looked on 2026-11-21 and says "on"; this does not count.',
        "By the person's own word\n"
        "  Other title: unknown (high)\n"
        "    because of check_unknown\n"
        '    The person looked on 2026-11-21 and says "off"; the policy counts this until 2026-12-21.',
    ]


def test_finding_both_waived_and_settled_is_listed_once():
    whole = says(replace(SETTLED, waiver=WAIVER), PASS)
    assert whole.count("Title of check_unknown") == 1
    assert "Waived by the practice\n  Title of check_unknown: unknown (high, waived until 2026-12-21)" in whole


def test_names_and_reasons_of_people_and_machines_stay_out():
    whole = says(replace(FAIL, waiver=WAIVER), PASS)
    for private in (WAIVER.who, WAIVER.why, DEVICE.id, DEVICE.model, DEVICE.os_version):
        assert private not in whole


def test_unproven_run_says_so():
    assert "proves nothing" in says(PASS, proof=Proof(planted=2, found=1), overall=Overall.CANNOT_TELL)
    assert "proves nothing" not in says(PASS)


def test_checks_that_are_off_are_left_out():
    assert "check_fail" not in says(replace(FAIL, level=Level.OFF), PASS)


@pytest.mark.parametrize("forged", ["x\nBcc: y", "x\r\n\r\n<b>", "\x1b[31mred", "a\u2028b", "x" * 5000, "\u202eevil"])
def test_texts_cannot_forge_lines_or_marks(forged):
    whole = says(replace(FAIL, title=forged, because=forged), policy_id=forged)
    assert len(whole.splitlines()) == len(says(FAIL).splitlines())
    assert all(line.isprintable() and len(line) < 400 for line in whole.split("\n"))


def test_history_is_told_newest_last_and_cut_at_fifty_lines():
    seen = [Seen(uid=FAIL.uid, status=Status.PASS, observed_at=NOON - timedelta(hours=n)) for n in range(60, 0, -1)]
    lines = says(FAIL, history=[*seen, replace(seen[0], uid="gone")]).splitlines()
    begin = lines.index("Before this report, while none could be sent")
    assert lines[begin + 1] == "  ... and 11 earlier, in the attached report"
    assert lines[begin + 50] == "  2026-11-21 11:00 UTC  Title of check_fail: in order"
    assert lines[begin + 51] == "  2026-11-19 00:00 UTC  a check no longer made: in order"


@pytest.mark.parametrize(("count", "cut"), [(50, False), (51, True)])
def test_history_of_fifty_lines_is_whole(count, cut):
    seen = [Seen(uid=FAIL.uid, status=Status.PASS, observed_at=NOON)] * count
    assert ("... and 1 earlier" in says(FAIL, history=seen)) is cut
    assert ("..." in says(FAIL, history=seen)) is cut


def test_folded_letter_opens_into_report_and_history():
    history = (Seen(uid="u", status=Status.ERROR, observed_at=NOON),)
    body = folded(to_bytes(report()), report_id=REPORT_ID, device_id=DEVICE.id, history=history)
    found = opened(body)
    assert (found.history, found.report.id, to_bytes(found.report)) == (history, REPORT_ID, to_bytes(report()))
    assert to_bytes(report()) in body
    assert json.loads(body)["schema"] == FOLDED_SCHEMA
    assert body == json.dumps(json.loads(body), sort_keys=True, separators=(",", ":")).encode()


def test_plain_letter_opens_into_report_alone():
    found = opened(letter().body)
    assert (found.history, found.report.id) == ((), REPORT_ID)


def test_note_is_no_report():
    note = unchanged(report_id=REPORT_ID, device_id=DEVICE.id, since=REPORT_ID, generated_at=NOON)
    with pytest.raises(EnvelopeError):
        opened(note)


def test_times_travel_in_utc_and_whole_seconds():
    assert utc_text(NOON.replace(microsecond=999_999)) == "2026-11-21T12:00:00Z"
