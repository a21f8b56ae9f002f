"""Words for people: the right sentence, the right steps, every value filled in."""

import re

import pytest

from checks.catalog import CATALOG
from checks.evaluate import Fixed
from checks.evidence import Why
from checks.guidance import duration, fill, guidance, said, steps


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 seconds"), (1, "1 second"), (59, "59 seconds"), (60, "1 minute"), (90, "1 minute 30 seconds"),
        (120, "2 minutes"), (3600, "1 hour"), (3661, "1 hour 1 minute"), (7200, "2 hours"), (86400, "1 day"),
        (90000, "1 day 1 hour"), (172800, "2 days"),
    ],
)  # fmt: skip
def test_duration_in_words(seconds: int, text: str) -> None:
    assert duration(seconds) == text


def test_placeholders_take_exact_values_and_durations() -> None:
    assert fill("{idle} of {limit}, {count} times", {"idle_s": 600, "limit_s": 60, "count": 3}) == (
        "10 minutes of 1 minute, 3 times"
    )
    assert fill("at most {limit}", {}) == "at most the limit"
    assert fill("{name} {x_s}", {"name_s": "text", "x_s": 5}) == "{name} 5"


def test_value_cannot_open_another_placeholder_of_the_text() -> None:
    assert fill("{a}", {"a": "{limit_s}"}) == "{limit_s}"


def test_steps_go_by_the_first_variant_that_has_some() -> None:
    gnome = steps("screen_lock", "lock_off", ("gnome", "linux"), {})
    linux = steps("screen_lock", "lock_off", ("lxde", "linux"), {})
    assert gnome[0].startswith("Settings > Privacy")
    assert linux[0] == "Open the settings of your desktop"
    assert steps("screen_lock", "lock_off", ("lxde",), {}) == ()
    assert steps("screen_lock", "no_such_reason", ("linux",), {}) == ()
    assert "5 minutes" in steps("screen_lock", "never_locks", ("gnome",), {"limit_s": 300})[1]


def test_reasons_of_no_check_have_their_sentences() -> None:
    assert said("screen_lock", "lock_off", {}) == "The automatic lock is switched off."
    assert said("screen_lock", "tool_missing", {}) == "A program that answers this is not installed."
    assert said("screen_lock", "switched_off", {}) == "Your practice has switched this check off."
    for code in (*Why, *Fixed):
        assert said("screen_lock", str(code), {}).endswith(".")


@pytest.mark.parametrize("check", CATALOG, ids=lambda one: one.id)
def test_every_reason_has_words_and_every_bad_one_steps(check) -> None:
    words = guidance(check.id)
    assert words.name
    assert words.rationale.endswith(".")
    assert set(words.reasons) == {str(one) for one in check.reasons}
    without = [code for code, one in words.reasons.items() if not one.steps]
    assert len(without) <= 3, f"only what is well may have no steps: {without}"
    for code, one in words.reasons.items():
        assert one.said.endswith((".", "?")), code
        for step in (step for lines in one.steps.values() for step in lines):
            assert 0 < len(step) <= 140, step
            assert not re.search(r"[\x00-\x1f]", step)


def test_what_was_not_seen_at_all_is_looked_up_by_hand_and_nothing_else_is() -> None:
    assert steps("clinical_images", "no_probe", ("linux", "any"), {}) == guidance("clinical_images").by_hand["any"]
    assert steps("clinical_images", "switched_off", ("linux", "any"), {}) == ()
    assert steps("clinical_images", "not_concerned", ("linux", "any"), {}) == ()


def test_missing_picture_finder_is_said_with_how_to_get_it() -> None:
    told = steps("clinical_images", "tool_missing", ("linux", "any"), {})
    assert "scrubin[photos]" in told[0]
