"""What a process of its own saw is taken in unchanged, and anything else that it says is no evidence."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from agent.child import ChildError
from agent.collect.host import CollectError
from agent.limits import COMMAND_OUTPUT_BYTES
from agent.photos.apart import Apart, heard, not_said, said
from agent.photos.consent import agree
from checks.clinical_images.fact import ClinicalImages, Disposition, Folder, Group, Origin, Tally
from checks.evidence import Gap, Why
from tests.fakes import recorded_phone

FACT = ClinicalImages(
    looked_at=(Folder.CAMERA, Folder.TRASH),
    tallies=(
        Tally(
            folder=Folder.CAMERA, age_hours=None, score_percent=93, count=2, group=Group.IMAGING,
            origin=Origin.RECEIVED, gps=True, disposition=Disposition.LEGAL_HOLD,
        ),
    ),
    not_scanned=None,
    model="finder 1",
    unread_documents=4,
    clean_weights=True,
    gaps=(Gap(part="folders", why=Why.NOT_PERMITTED),),
)  # fmt: skip


@pytest.mark.parametrize("proven", [True, False])
def test_evidence_survives_the_way(proven: bool) -> None:
    assert heard(said(FACT, proven=proven)) == (FACT, proven)


def test_ten_thousand_tallies_are_not_too_many_to_be_heard() -> None:
    one = FACT.tallies[0]
    many = replace(FACT, tallies=tuple(replace(one, age_hours=hours) for hours in range(10_000)))
    text = said(many, proven=True)
    assert len(text) < COMMAND_OUTPUT_BYTES
    assert heard(text) == (many, True)


def test_details_of_gaps_stay_where_they_are() -> None:
    told = ClinicalImages(
        looked_at=(),
        tallies=(),
        not_scanned=0,
        model="m",
        gaps=(Gap(part="folders", why=Why.CRASHED, detail="/home/ann"),),
    )
    assert "home" not in said(told, proven=True)


def test_a_reason_arrives_as_that_reason() -> None:
    with pytest.raises(CollectError) as caught:
        heard(not_said(Why.TOOL_MISSING))
    assert caught.value.why is Why.TOOL_MISSING


@pytest.mark.parametrize("change", [{"looked_at": ["moon"]}, {"not_scanned": "x"}, {"tallies": [{}]}, {"gaps": [3]}])
def test_what_it_never_says_is_no_evidence(change: dict) -> None:
    body = json.loads(said(FACT, proven=True))
    body["fact"].update(change)
    with pytest.raises(CollectError):
        heard(json.dumps(body))


@for_all(st.one_of(st.text(), st.recursive(st.none() | st.text(), st.lists).map(json.dumps)))
def test_any_other_text_is_no_evidence(text: str) -> None:
    with pytest.raises(CollectError):
        heard(text)


def probe(folder: Path, ask):
    return Apart(folder, ask).laptop("best", ["/srv/scans"])


def test_without_consent_nobody_is_asked(tmp_path: Path) -> None:
    def ask(*_: str) -> str:
        raise AssertionError("asked")

    one = probe(tmp_path, ask)
    with pytest.raises(CollectError) as caught:
        one.look(recorded_phone({}))
    assert caught.value.why is Why.NOT_CONSENTED
    assert one.proof is not None
    assert one.proof() is None


def test_the_other_process_is_told_the_weights_and_no_folder(tmp_path: Path) -> None:
    agree(tmp_path, now=datetime(2026, 11, 21, tzinfo=UTC))
    heard_arguments = []

    def ask(*arguments: str) -> str:
        heard_arguments.append(arguments)
        return said(FACT, proven=True)

    one = probe(tmp_path, ask)
    assert one.look(recorded_phone({})) == FACT
    assert one.proof is not None
    assert one.proof() is True
    assert heard_arguments == [("--weights", "best")]


def test_a_process_that_fails_is_no_evidence_and_no_proof(tmp_path: Path) -> None:
    agree(tmp_path, now=datetime(2026, 11, 21, tzinfo=UTC))

    def ask(*_: str) -> str:
        raise ChildError("killed")

    one = probe(tmp_path, ask)
    with pytest.raises(CollectError) as caught:
        one.look(recorded_phone({}))
    assert caught.value.why is Why.TOOL_FAILED
    assert one.proof is not None
    assert one.proof() is None
