"""The pins cover what pyproject.toml asks for, by hash, and name no place to fetch from."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
LOCKS = ROOT / "packaging" / "constraints"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
EXTRAS = PROJECT["project"]["optional-dependencies"]
RUNTIME = [
    *PROJECT["project"]["dependencies"], *PROJECT["build-system"]["requires"], *EXTRAS["photos"], *EXTRAS["ocr"],
]  # fmt: skip
DEV = [*RUNTIME, *EXTRAS["dev"]]
NAMES = ("runtime.txt", "dev.txt", "lock-tools.txt")


def entries(name: str) -> list[str]:
    """Each pin with its hashes, continued lines joined."""
    text = (LOCKS / name).read_text().replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def pins(name: str) -> dict[str, Version]:
    words = [line.split()[0].partition("==") for line in entries(name)]
    return {canonicalize_name(package): Version(version) for package, _, version in words}


@pytest.mark.parametrize(("name", "wanted"), [("runtime.txt", RUNTIME), ("dev.txt", DEV)])
def test_every_requirement_is_pinned_to_a_version_that_it_allows(name: str, wanted: list[str]) -> None:
    pinned = pins(name)
    for requirement in map(Requirement, wanted):
        assert pinned.get(canonicalize_name(requirement.name)) in requirement.specifier, requirement


def test_tests_run_on_the_very_versions_that_the_program_runs_on() -> None:
    assert pins("runtime.txt").items() <= pins("dev.txt").items()


@pytest.mark.parametrize("name", NAMES)
def test_every_pin_has_an_exact_version_and_a_hash(name: str) -> None:
    form = re.compile(r"[A-Za-z0-9._-]+==\S+( ; [^#]*?)?(\s+--hash=sha256:[0-9a-f]{64})+\s*")
    assert not [line.split()[0] for line in entries(name) if not form.fullmatch(line)]


@pytest.mark.parametrize("name", NAMES)
def test_no_pin_names_a_place_to_fetch_from(name: str) -> None:
    text = (LOCKS / name).read_text()
    assert "://" not in text
    assert not [line for line in text.splitlines() if line.startswith("-")]
