"""What the README claims holds."""

import re
import shlex
import tomllib
from pathlib import Path

import pytest
from fakes import NOON

from agent.cli import COMMANDS, parser
from agent.collect.host import LocalHost
from agent.config import load
from agent.exits import Exit
from agent.places import Places
from agent.waivers import waivers
from checks.catalog import CATALOG
from checks.guidance import guidance
from checks.model import Platform
from checks.policy_file import read_layer

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
LINES = sorted(set(re.findall(r"`(scrubin [^`]+)`", README)))


def fenced(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("line", LINES)
def test_every_command_line_is_one_that_the_program_takes(line: str) -> None:
    words = shlex.split(line)[1:]
    if words == ["policy", "show"] or words[0] != "policy":
        words = ["report", "--show"] if words[0] == "report" else words
    assert parser().parse_args(words).command == words[0]


def test_every_command_is_in_the_readme() -> None:
    told = {shlex.split(line)[1] for line in LINES}
    assert told == set(COMMANDS)


def test_every_check_is_in_the_table() -> None:
    rows = set(re.findall(r"^\| `([a-z_]+)` \|", README, re.MULTILINE))
    assert rows == {check.id for check in CATALOG}


@pytest.mark.parametrize(
    ("head", "platform", "told"), [("Samsung SM", Platform.ANDROID, 12), ("This laptop", Platform.LINUX, 7)]
)
def test_the_example_tells_of_every_check(head: str, platform: Platform, told: int) -> None:
    (example,) = (one for one in fenced("text") if one.startswith("$ scrubin check"))
    block = " ".join(example[example.index(f"\n{head}") :].split("\n\n")[0].split())
    asked = [guidance(check.id).name for check in CATALOG if platform in check.platforms]
    assert [name for name in asked if name not in block] == []
    assert len(asked) == told, "the numbers in the example are to be changed, too"


def test_exit_codes_are_those_of_the_program() -> None:
    rows = {int(one) for one in re.findall(r"^\| (\d+) \|", README, re.MULTILINE)}
    assert rows == {int(one) for one in Exit}


def test_make_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"make ([a-z]+)\b", README)) - {"and"} <= targets
    assert "make test" in (ROOT / ".ci" / "run").read_text()


def test_example_configuration_and_policy_are_taken(tmp_path: Path) -> None:
    configuration, policy, waiver = fenced("toml")
    places = Places(state=tmp_path, runtime=tmp_path, config=tmp_path, system_config=tmp_path / "none")
    (tmp_path / "agent.toml").write_text(configuration)
    assert (
        load(places, LocalHost(environ={"HOME": "/home/clin"})).folder
        == tomllib.loads(configuration)["deliver"]["folder"]
    )
    (tmp_path / "none").mkdir()
    (tmp_path / "none" / "waivers.toml").write_text(waiver)
    granted = waivers(places, LocalHost(environ={"HOME": "/"}), now=NOON).granted
    assert [one.who for one in granted] == ["Practice IT"]
    assert read_layer(policy.encode(), file="practice.toml", checks=CATALOG).version == "7"
