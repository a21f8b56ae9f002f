"""A phone that is gone is taken off this laptop's list, and nothing else is."""

from pathlib import Path

import pytest

from agent.cli import main

IDS = ("11111111-2222-4333-8444-555555555555", "21111111-2222-4333-8444-555555555555")


@pytest.fixture
def phones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SCRUBIN_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("SCRUBIN_SYSTEM_CONFIG", str(tmp_path / "etc"))
    folder = tmp_path / "state" / "phones"
    for name in IDS:
        (folder / name).mkdir(parents=True)
        (folder / name / "status.json").write_text("{}")
    return folder


def test_phone_is_forgotten_by_its_id_and_the_other_stays(phones: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["devices", "forget", IDS[0]]) == 0
    assert [one.name for one in phones.iterdir()] == [IDS[1]]
    assert "Forgotten" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["Galaxy A55", "../..", "", "a phone"])
def test_name_of_none_or_of_two_forgets_nothing(phones: Path, name: str) -> None:
    assert main(["devices", "forget", name]) == 64
    assert len(list(phones.iterdir())) == 2
