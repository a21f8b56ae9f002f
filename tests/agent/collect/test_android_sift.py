"""What stays on the phone changes no verdict: each recording is judged alike when its answers are sifted as there."""

import subprocess
import tomllib
from pathlib import Path

import pytest
from fakes import phone, recorded_phone, rule_for

import agent.collect
from agent.collect.android.commands import READINGS
from agent.collect.catalog import PROBES
from agent.collect.host import Command, Host, LocalHost, Output
from agent.collect.layered import Through, planted
from agent.collect.observe import observe
from agent.collect.recorded import load
from checks.catalog import CATALOG
from checks.evaluate import Examined, evaluate
from checks.model import Platform, Status

ROOT = Path(__file__).parents[2] / "recordings" / "android"
CANARIES = Path(agent.collect.__file__).parent / "android" / "canary"
KEEP = {one.command.argv: one.keep for one in READINGS if one.keep}
PHONES = PROBES[Platform.ANDROID]
CHECKS = {one.id: one for one in CATALOG}


class Sifted(Through):
    """The phone behind it, whose own grep takes lines away before they leave."""

    def run(self, command: Command) -> Output:
        heard = self._behind.run(command)
        if command.argv not in KEEP:
            return heard
        text = f"{heard.stdout}{heard.stderr}"
        done = subprocess.run(
            ["/usr/bin/toybox", "grep", "-aE", "-e", KEEP[command.argv]],
            input=text.encode("utf-8", "surrogateescape"), capture_output=True, check=False,
        )  # fmt: skip
        return Output(exit_code=heard.exit_code, stdout=done.stdout.decode("utf-8", "surrogateescape"), stderr="")


def judged(check_id: str, host: Host) -> Examined:
    check = CHECKS[check_id]
    evidence = observe(PHONES[check_id].look, host)
    return evaluate(check, phone(), evidence, rule_for(check.limits()), now=host.now(), profile="owner")


def sifted_commands(folder: Path) -> bool:
    rows = tomllib.loads((folder / "recording.toml").read_text()).get("command", [])
    return any(tuple(row["argv"]) in KEEP for row in rows)


FOLDERS = [one.parent for one in sorted(ROOT.rglob("recording.toml")) if sifted_commands(one.parent)]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda one: str(one.relative_to(ROOT)))
def test_recording_is_judged_alike_when_its_answers_are_sifted(folder: Path) -> None:
    host = load(str(folder), LocalHost())
    for check_id in tomllib.loads((folder / "expected.toml").read_text()):
        whole, sifted = judged(check_id, host), judged(check_id, Sifted(host))
        assert sifted.finding == whole.finding, check_id


@pytest.mark.parametrize("check_id", PHONES)
def test_planted_bad_setting_would_leave_the_phone(check_id: str) -> None:
    """A canary goes round the phone; that the phone's own grep would let it through is shown here."""
    canary = PHONES[check_id].canary
    host = Sifted(planted(canary, CANARIES / check_id, recorded_phone({}), source=LocalHost()))
    seen = judged(check_id, host)
    assert seen.finding.status is Status.FAIL
    assert canary.reason in {str(one.reason) for one in seen.points}
