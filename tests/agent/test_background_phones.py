"""Phones in the daemon: audited in a process of their own, whose failure is not the laptop's."""

import json
import logging
import threading
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from daemon_fakes import FakeClock

from agent.child import ChildError
from agent.commands.background import Work
from agent.daemon import Reason, Scope, Trigger
from agent.photos.apart import said
from agent.photos.consent import agree
from checks.clinical_images.fact import ClinicalImages, Folder, Tally


class Child:
    """Says one thing, or fails with it."""

    def __init__(self, says: str | ChildError) -> None:
        self._says = says
        self.called: list[tuple[str, ...]] = []

    def __call__(
        self, arguments: Sequence[str], *, stop: threading.Event, timeout_s: float, fine: Collection[int]
    ) -> str:
        self.called.append(tuple(arguments))
        if isinstance(self._says, ChildError):
            raise self._says
        return self._says


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, folder in {"SCRUBIN_STATE": "state", "SCRUBIN_SYSTEM_CONFIG": "etc", "XDG_CONFIG_HOME": "config"}.items():
        monkeypatch.setenv(name, str(tmp_path / folder))


PHONES = Trigger(reason=Reason.PHONE, scope=Scope.PHONES)
BROKEN = [ChildError("the process ended with -9"), "no JSON"]


@pytest.mark.parametrize("says", BROKEN, ids=["ended", "garbled"])
def test_failed_phones_do_not_fail_the_laptop(
    says: str | ChildError, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    Work(FakeClock(), child=Child(says)).audit(Trigger(reason=Reason.SCHEDULE))
    assert (tmp_path / "state" / "status.json").exists()
    assert "phones were not audited" in caplog.text


@pytest.mark.parametrize("says", BROKEN, ids=["ended", "garbled"])
def test_failed_phones_are_tried_again_when_a_phone_asked_for_it(says: str | ChildError) -> None:
    with pytest.raises(ChildError):
        Work(FakeClock(), child=Child(says)).audit(PHONES)


def test_phone_that_comes_has_only_phones_looked_at(tmp_path: Path) -> None:
    child = Child("")
    Work(FakeClock(), child=child).audit(PHONES)
    assert child.called == [("check", "--device", "phones", "--background", "--json")]
    assert not (tmp_path / "state" / "status.json").exists()


def test_no_phone_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        Work(FakeClock(), child=Child("")).audit(PHONES)
    assert {one.levelno for one in caplog.records} == {logging.INFO}


def test_log_tells_verdicts_and_nothing_of_the_phone(caplog: pytest.LogCaptureFixture) -> None:
    report = {"overall": "not_compliant", "device": {"id": "zqid", "model": "zqmodel"}}
    with caplog.at_level(logging.DEBUG):
        said = {"reports": [report], "not_checked": ["unauthorized"], "notes": ["1 report waits here."]}
        Work(FakeClock(), child=Child(json.dumps(said))).audit(PHONES)
    assert "not_compliant" in caplog.text
    assert "1 report waits here." in caplog.text
    assert "unauthorized" in caplog.text
    assert "zq" not in caplog.text


def test_change_in_a_folder_looks_at_no_phone() -> None:
    child = Child("")
    Work(FakeClock(), child=child).audit(Trigger(reason=Reason.FOLDER, scope=Scope.LAPTOP, checks=("encryption",)))
    assert child.called == []


FOUND = ClinicalImages(
    looked_at=(Folder.PICTURES,),
    tallies=(Tally(folder=Folder.PICTURES, age_hours=99, score_percent=95, count=1),),
    not_scanned=0,
    model="finder 1",
)


def looked(tmp_path: Path, says: str | ChildError) -> tuple[Child, dict[str, Any]]:
    agree(tmp_path / "state" / "photos", now=datetime(2026, 11, 21, tzinfo=UTC))
    child = Child(says)
    Work(FakeClock(), child=child).audit(Trigger(reason=Reason.FOLDER, scope=Scope.LAPTOP))
    report = json.loads((tmp_path / "state" / "last-report.json").read_text())
    (one,) = [one for one in report["findings"] if one["check_id"] == "clinical_images"]
    return child, one


def test_pictures_are_looked_at_in_a_process_of_its_own(tmp_path: Path) -> None:
    child, found = looked(tmp_path, said(FOUND, proven=True))
    assert child.called == [("photos", "look", "--background", "--json", "--weights", "best")]
    assert (found["status"], found["measures"]["images"]) == ("fail", "1-5")


@pytest.mark.parametrize("says", BROKEN, ids=["ended", "garbled"])
def test_a_look_at_pictures_that_fails_is_no_pass(says: str | ChildError, tmp_path: Path) -> None:
    _, found = looked(tmp_path, says)
    assert found["status"] in ("error", "unknown")
