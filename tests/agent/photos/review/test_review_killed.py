"""Killed at any line of a deletion, a file is there untouched or gone with its line in the log, and nothing else."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from acts_child import POINTS, SPARED, TICKED, contents, review

from agent.photos.ledger import Ledger
from tests.agent.photos.ledger_parts import ledger_in

ROOT = Path(__file__).parents[4]
CHILD = Path(__file__).with_name("acts_child.py")


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """What each killed deletion left."""
    folder = tmp_path_factory.mktemp("killed")
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, CHILD, folder], capture_output=True, text=True, env=environ, check=False)
    assert done.stderr == ""
    assert int(done.stdout) > POINTS
    return sorted(one for one in folder.iterdir() if one.name != "whole")


def ends(ledger: Ledger, name: str) -> list[str]:
    sha256 = hashlib.sha256(contents(name)).hexdigest()
    return [one.outcome for one in ledger.log() if one.sha256 == sha256]


def test_each_file_is_there_untouched_or_gone_with_a_finished_line(killed: list[Path]) -> None:
    came_to = set()
    for place in killed:
        assert review(place).settle() == 0
        with ledger_in(place / "photos") as ledger:
            assert (ledger.verify(), ledger.open_intents()) == (True, [])
            for name in TICKED:
                path = place / "Pictures" / name
                there = path.exists()
                came_to.add((there, *ends(ledger, name)))
                assert not there or path.read_bytes() == contents(name)
    assert came_to == {(True,), (True, "kept"), (False, "gone")}


def test_what_was_not_ticked_is_untouched_and_nothing_is_left_beside(killed: list[Path]) -> None:
    for place in killed:
        review(place).settle()
        assert (place / "Pictures" / SPARED).read_bytes() == contents(SPARED)
        assert {one.name for one in (place / "Pictures").iterdir()} <= {*TICKED, SPARED}
