"""The policy in force: found, read, remembered; a broken file loosens nothing, a missing one only when really gone."""

import os
from datetime import timedelta

import pytest
from policy_example import CHECK, CHECKS, header
from policy_machine import (
    LATER,
    NOW,
    Machine,
    become_device,
    become_folder,
    become_loop,
    become_pipe,
    empty,
    grow,
    idle_s,
    layers,
    lose_target,
    troubles,
)  # fmt: skip

from agent.policy_kept import kept
from agent.policy_search import MOST_FILES, Trouble
from agent.policy_source import shipped_baseline
from checks.model import Ownership
from checks.policy_file import PolicyError
from checks.policy_form import LayerName
from checks.policy_shape import Flaw


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def test_without_files_the_baseline_holds(machine):
    found = machine.read()
    assert (layers(found), found.problems, found.last_good_ages) == (["baseline"], (), {})
    assert not machine.state.exists()


def test_folders_that_do_not_exist_are_no_problem(machine):
    machine.system.rmdir(), machine.user.rmdir()
    assert machine.read().problems == ()


def test_layers_of_both_folders_stack(machine):
    machine.write(60, "hospital", "b.toml")
    (machine.user / "p.toml").write_text(header() + "[checks.screen_lock]\nmax_idle_s = 90\nmost = 9\n")
    found = machine.read()
    assert layers(found) == ["hospital", "practice", "baseline"]
    assert found.policy.rule(CHECK, Ownership.PERSONAL).limits.most == 9
    assert (idle_s(found), found.problems) == (60, ())
    assert [one.file for one in found.policy.layers] == ["/etc/policy.d/b.toml", "~/policy.d/p.toml", "baseline.toml"]


def test_other_files_of_the_folder_are_left_alone(machine):
    for name in (".hidden.toml", "10.toml~", "notes.txt", ".#10.toml"):
        (machine.system / name).write_text("not a policy")
    assert machine.read().problems == ()


def test_a_link_to_a_policy_is_followed(machine, tmp_path):
    machine.write(60).rename(tmp_path / "elsewhere")
    (machine.system / "10.toml").symlink_to(tmp_path / "elsewhere")
    assert idle_s(machine.read()) == 60


def test_a_refused_file_leaves_its_last_good_copy_in_force(machine):
    path = machine.write(60)
    machine.read()
    path.write_text(header() + "[checks.screen_lock]\nmax_idle_s = 5\nmots = 1\n")
    found = machine.read(LATER)
    assert (idle_s(found), troubles(found)) == (60, ["refused"])
    assert found.last_good_ages == {LayerName.PRACTICE: timedelta(days=18)}
    assert found.policy.layers[0].file == "10.toml (kept copy)"
    assert [(one.line, one.key) for one in found.problems[0].faults] == [
        (7, "checks.screen_lock.max_idle_s"),
        (8, "checks.screen_lock.mots"),
    ]
    assert found.problems[0].sentence == (
        "/etc/policy.d/10.toml was refused. /etc/policy.d/10.toml:7: checks.screen_lock.max_idle_s: expected a whole"
        " number from 30 to 3600, found 5 (and 1 more). We go on with the practice's version 7 from 21 November 2026."
    )


def test_a_file_put_right_holds_again(machine):
    path = machine.write(60)
    machine.read()
    path.write_text("broken")
    machine.read()
    machine.write(70)
    found = machine.read(LATER)
    assert (idle_s(found), found.problems, found.last_good_ages) == (70, (), {})
    assert kept(str(machine.state), LayerName.PRACTICE).kept_at == LATER


def test_a_file_refused_from_the_start_is_said_and_the_rest_holds(machine):
    (machine.system / "10.toml").write_text("broken")
    found = machine.read()
    assert (layers(found), troubles(found)) == (["baseline"], ["refused"])
    assert found.problems[0].sentence == (
        "/etc/policy.d/10.toml was refused. /etc/policy.d/10.toml:1: expected valid TOML, found the fault: Expected"
        " '=' after a key in a key/value pair. No earlier copy of it is kept."
    )


def test_a_layer_whose_file_is_gone_is_dropped_with_its_copy(machine):
    path = machine.write(60)
    machine.read()
    path.unlink()
    found = machine.read()
    assert (layers(found), found.problems) == (["baseline"], ())
    assert list(machine.state.iterdir()) == []


def test_a_layer_whose_folder_is_gone_is_dropped(machine):
    machine.write(60).parent.joinpath("10.toml").unlink()
    machine.write(60)
    machine.read()
    for one in machine.system.iterdir():
        one.unlink()
    machine.system.rmdir()
    assert layers(machine.read()) == ["baseline"]


BREAKS = [lose_target, become_loop, become_pipe, become_folder, become_device, grow, empty]


@pytest.mark.parametrize("break_it", BREAKS)
def test_a_file_that_is_there_and_cannot_be_read_leaves_its_copy_in_force(machine, break_it):
    path = machine.write(60)
    machine.read()
    break_it(path)
    found = machine.read()
    assert (idle_s(found), troubles(found)) == (60, ["refused"])
    assert str(machine.system) not in found.problems[0].sentence


def test_a_policy_renamed_and_broken_at_once_stays_in_force(machine):
    machine.write(60).unlink()
    machine.write(60)
    machine.read()
    (machine.system / "10.toml").unlink()
    (machine.system / "20.toml").write_text("broken")
    found = machine.read(LATER)
    assert (idle_s(found), troubles(found)) == (60, ["refused"])
    assert found.last_good_ages == {LayerName.PRACTICE: timedelta(days=18)}


def test_a_broken_file_with_a_copy_does_not_keep_other_layers_that_are_gone(machine):
    hospital, practice = machine.write(60, "hospital", "a.toml"), machine.write(90, "practice", "b.toml")
    machine.read()
    hospital.unlink()
    practice.write_text("broken")
    found = machine.read()
    assert (layers(found), idle_s(found)) == (["practice", "baseline"], 90)


@pytest.mark.parametrize("target", ["/nonexistent/share", "/dev/null"])
def test_a_folder_that_cannot_be_looked_into_keeps_its_layers(machine, tmp_path, target):
    machine.write(60)
    machine.read()
    machine.system.rename(tmp_path / "away")
    machine.system.symlink_to(target)
    found = machine.read()
    assert (idle_s(found), troubles(found)) == (60, ["not_listed"])
    assert found.problems[0].sentence.startswith("The folder /etc/policy.d could not be looked into: no")


def test_a_broken_system_file_is_not_overtaken_by_a_persons_own(machine):
    path = machine.write(60)
    machine.read()
    (machine.user / "10.toml").write_text(header() + "[checks.screen_lock]\nmax_idle_s = 3600\n")
    path.write_text("broken")
    found = machine.read()
    assert (idle_s(found), troubles(found)) == (60, ["refused", "ignored"])


def test_two_files_of_one_layer_are_said_and_the_first_holds(machine):
    machine.write(60, name="a.toml"), machine.write(90, name="b.toml")
    found = machine.read()
    assert (idle_s(found), troubles(found)) == (60, ["ignored"])
    assert found.problems[0].sentence == (
        "/etc/policy.d/b.toml is ignored: /etc/policy.d/a.toml already is the practice's policy."
    )


def test_a_file_that_calls_itself_the_baseline_is_ignored(machine):
    machine.write(60, "baseline")
    found = machine.read()
    assert (idle_s(found), troubles(found)) == (300, ["ignored"])
    assert found.policy.id == "scrubin-baseline"


def test_a_folder_full_of_files_is_read_up_to_a_bound(machine):
    machine.write(60, name="a.toml")
    for number in range(MOST_FILES - 1):
        (machine.system / f"b{number:02}.toml").write_text(header("baseline"))
    assert "there are more" not in machine.read().problems[-1].sentence
    (machine.system / "c.toml").write_text("broken")
    found = machine.read()
    assert found.problems[-1].sentence == "Only the first 16 policy files of /etc/policy.d are read; there are more."
    assert Trouble.REFUSED not in {one.trouble for one in found.problems}


def test_a_hostile_file_name_is_shown_escaped(machine):
    (machine.system / "\x1b[2J.toml").write_text("broken")
    assert machine.read().problems[0].sentence.startswith("/etc/policy.d/\\x1b[2J.toml was refused.")


def test_a_file_name_that_is_no_text_is_read_kept_and_shown(machine):
    path = os.fsencode(machine.system) + b"/\xff.toml"
    os.rename(machine.write(60), path)
    assert machine.read().problems == ()
    with open(path, "wb") as file:
        file.write(b"broken")
    found = machine.read()
    assert (idle_s(found), found.policy.layers[0].file) == (60, "\\udcff.toml (kept copy)")


def test_a_clock_set_back_makes_no_copy_from_the_future(machine):
    path = machine.write(60)
    machine.read(LATER)
    path.write_text("broken")
    assert machine.read(NOW).last_good_ages == {LayerName.PRACTICE: timedelta(0)}


def test_a_named_file_replaces_the_layer_that_it_names(machine, tmp_path):
    machine.write(60), machine.write(50, "hospital", "h.toml")
    trial = tmp_path / "trial.toml"
    trial.write_text(header(version="8") + "[checks.screen_lock]\nmost = 1\n")
    found = machine.read(explicit=str(trial))
    assert found.policy.version == "hospital-7+practice-8+baseline-1"
    assert found.policy.rule(CHECK, Ownership.PERSONAL).limits.most == 1
    trial.write_text(header("baseline", "9"))
    assert machine.read(explicit=str(trial)).policy.version == "hospital-7+practice-7+baseline-9"
    assert kept(str(machine.state), LayerName.PRACTICE).source == str(machine.system / "10.toml")


def test_a_named_file_ends_the_age_of_the_copy_that_it_replaces(machine, tmp_path):
    path = machine.write(60)
    machine.read()
    path.write_text("broken")
    trial = tmp_path / "trial.toml"
    trial.write_text(header())
    assert machine.read(explicit=str(trial)).last_good_ages == {}


@pytest.mark.parametrize(("name", "flaw"), [("missing.toml", Flaw.UNREADABLE), ("wrong.toml", Flaw.SYNTAX)])
def test_a_named_file_that_is_wrong_is_an_error_and_never_a_fallback(machine, tmp_path, name, flaw):
    (tmp_path / "wrong.toml").write_text("broken")
    machine.write(60)
    with pytest.raises(PolicyError) as caught:
        machine.read(explicit=str(tmp_path / name))
    assert [one.flaw for one in caught.value.faults] == [flaw]


def test_the_baseline_comes_with_the_product():
    assert shipped_baseline(CHECKS).name is LayerName.BASELINE
    assert shipped_baseline(CHECKS).file == "baseline.toml"
