"""One line of one check: words, icon and outline for each state, and steps that lose none of their words."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from fakes import laptop, phone
from hypothesis import given
from hypothesis import strategies as st
from self_check_parts import finding, report

from agent.page.self_check_rows import COLOURS, ICONS, ORDER, SAYS, WORDS, Row, Source, State, rows, step_of, tell_rest
from checks.catalog import CATALOG
from checks.model import Attestation, Level, Overall, Status, Waiver, Word
from reports.web.pages import SHARED

NOW = datetime.now(UTC)
WAIVER = Waiver(uid="", who="IT", why="waits for the ECG app", until=NOW + timedelta(days=3))
LOOKED = Attestation(saw=Word.OFF, at=NOW, until=NOW + timedelta(days=30), counts=True)


def one(status: Status, *, check_id: str = "screen_lock", stale: bool = False, pending: bool = False, **changes) -> Row:
    made = report(laptop(), finding(check_id, status, **changes))
    (found,) = rows(Source(report=made, stale=stale, pending=pending))
    return found


IMAGES = one(Status.PASS, check_id="clinical_images", pending=True)


@pytest.mark.parametrize(
    ("row", "state", "word", "icon", "colour", "is_open"),
    [
        (one(Status.PASS), State.OK, "OK", "pass", "pass", False),
        (one(Status.FAIL), State.FAIL, "To fix", "fail", "fail", True),
        (one(Status.UNKNOWN), State.UNKNOWN, "Can't tell", "unknown", "unknown", True),
        (one(Status.ERROR), State.ERROR, "Couldn't check", "error", "error", True),
        (one(Status.NOT_APPLICABLE), State.NA, "Doesn't apply", "na", "na", False),
        (one(Status.FAIL, waiver=WAIVER), State.WAIVED, "Waived", "waived", "waived", False),
        (one(Status.UNKNOWN, attestation=LOOKED), State.LOOKED, "You looked", "eye", "waived", False),
        (one(Status.PASS, stale=True), State.STALE, "Out of date", "stale", "stale", False),
        (one(Status.FAIL, stale=True), State.STALE, "Out of date", "stale", "stale", False),
        (one(Status.NOT_APPLICABLE, stale=True), State.NA, "Doesn't apply", "na", "na", False),
        (IMAGES, State.PENDING, "Looking now", "dot", "pending", False),
        (one(Status.PASS, pending=True), State.OK, "OK", "pass", "pass", False),
        (one(Status.PASS, waiver=WAIVER), State.OK, "OK", "pass", "pass", False),
    ],
)  # fmt: skip
def test_each_state_has_its_word_icon_and_outline(
    row: Row, state: State, word: str, icon: str, colour: str, is_open: bool
) -> None:
    assert (row.state, row.word, row.icon, row.colour, row.open) == (state, word, icon, colour, is_open)


def test_every_state_is_told_apart_without_colour() -> None:
    sprite = (SHARED / "templates" / "sprite.html").read_text()
    assert set(WORDS) == set(ORDER) == set(State)
    assert len(set(WORDS.values())) == len(State)
    icons = [ICONS.get(state, str(state)) for state in State]
    assert len(set(icons)) == len(State)
    assert all(f'id="i-{icon}"' in sprite for icon in icons)
    assert set(COLOURS.values()) <= {str(state) for state in State}


def test_what_is_only_recommended_counts_against_nobody() -> None:
    row = one(Status.FAIL, level=Level.RECOMMENDED)
    assert (row.open, row.advised) == (False, True)
    assert row.asides == ("Recommended only.",)


def test_who_waived_it_and_why_comes_from_what_stays_on_the_laptop() -> None:
    made = report(laptop(), finding("screen_lock", Status.FAIL, waiver=WAIVER))
    bare = replace(made, findings=(replace(made.findings[0], waiver=replace(WAIVER, who="", why="")),))
    (row,) = rows(Source(report=bare, waivers={made.findings[0].uid: WAIVER}))
    assert 'Your practice wrote: "waits for the ECG app".' in row.asides


def test_bad_news_of_the_person_does_not_settle_it() -> None:
    row = one(Status.UNKNOWN, attestation=replace(LOOKED, saw=Word.ON, counts=False))
    assert (row.state, row.open) == (State.UNKNOWN, True)
    assert "and said: on." in row.asides[0]


def test_a_remembered_finding_is_told_by_its_reasons() -> None:
    row = one(Status.FAIL, measures={"reasons": ("lock_off",), "desktop": "gnome"})
    assert [each.sentence for each in row.told] == ["The automatic lock is switched off."]
    assert row.told[0].steps[0].path == ("Settings", "Privacy & Security", "Screen Lock")


def test_what_needs_exact_values_is_remembered_as_the_practice_reads_it() -> None:
    row = one(Status.FAIL, because="locks after 10 minutes", measures={"reasons": ("locks_too_late",)})
    assert [each.sentence for each in row.told] == ["Locks after 10 minutes."]
    assert "{" not in str(row)


@pytest.mark.parametrize("check", CATALOG, ids=lambda check: check.id)
def test_no_remembered_finding_shows_a_blank_to_be_filled(check) -> None:
    for reason in (*check.reasons, "timed_out", "not_consented", "no_such_reason"):
        for device in (laptop(), phone()):
            made = report(device, finding(check.id, Status.FAIL, measures={"reasons": (str(reason),)}))
            (row,) = rows(Source(report=made))
            assert "{" not in str(row.told), (reason, row.told)
            assert row.told


def test_a_check_that_this_version_does_not_know_is_left_out() -> None:
    made = report(laptop(), finding("screen_lock", Status.PASS))
    other = replace(made, findings=(*made.findings, replace(made.findings[0], check_id="../../etc/passwd")))
    assert [row.check_id for row in rows(Source(report=other))] == ["screen_lock"]


def test_faults_come_first_and_what_is_well_last() -> None:
    asked = [Status.PASS, Status.NOT_APPLICABLE, Status.UNKNOWN, Status.FAIL, Status.ERROR]
    made = report(laptop(), *(finding(c.id, s) for c, s in zip(CATALOG, asked, strict=False)))
    states = [row.state for row in rows(Source(report=made))]
    assert states == [State.FAIL, State.UNKNOWN, State.ERROR, State.OK, State.NA]


def test_only_images_to_fix_lead_to_the_review() -> None:
    assert one(Status.FAIL, check_id="clinical_images").reviewable
    assert not one(Status.UNKNOWN, check_id="clinical_images").reviewable
    assert not one(Status.FAIL).reviewable
    assert one(Status.UNKNOWN, check_id="clinical_images", measures={"reasons": ("not_consented",)}).unasked


@pytest.mark.parametrize(
    ("text", "lead", "path", "tail"),
    [
        ("Choose a long password", "Choose a long password", (), ""),
        ("Settings > System > Users", "", ("Settings", "System", "Users"), ""),
        ("Open Settings > Google", "Open", ("Settings", "Google"), ""),
        ("Settings > Auto lock: choose Immediately", "", ("Settings", "Auto lock"), ": choose Immediately"),
        ("Nothing there? Settings > Security", "Nothing there?", ("Settings", "Security"), ""),
        ("Settings > Lock (newer: Screen lock)", "", ("Settings", "Lock (newer: Screen lock)"), ""),
        ("Settings > \u202eevil", "", ("Settings", "\\u202eevil"), ""),
    ],
)
def test_a_way_through_menus_is_taken_apart(text: str, lead: str, path: tuple[str, ...], tail: str) -> None:
    step = step_of(text)
    assert (step.lead, step.path, step.tail) == (lead, path, tail)


@given(st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=390))
def test_no_word_of_a_step_is_lost(text: str) -> None:
    step = step_of(text)
    joined = "".join((step.lead, *step.path, step.tail))
    assert sorted(joined.replace(" ", "")) == sorted(text.replace(" > ", "").replace(" ", ""))


@pytest.mark.parametrize("check", [one for one in CATALOG if one.saw is not None], ids=lambda check: check.id)
def test_each_check_that_a_look_settles_has_words_to_answer_with(check) -> None:
    assert check.saw.good in SAYS


def test_what_is_well_is_counted_by_what_was_asked() -> None:
    well, not_asked, recommended = (
        one(Status.PASS),
        one(Status.NOT_APPLICABLE),
        one(Status.UNKNOWN, level=Level.RECOMMENDED),
    )
    assert tell_rest([well, well, not_asked], alone=True) == "2 of 2 checks are OK"
    assert tell_rest([well, not_asked], alone=False) == "1 other check is OK"
    assert tell_rest([well, well], alone=False) == "2 other checks are OK"
    assert tell_rest([well, recommended], alone=False) == "2 other checks: 1 OK, 1 that don't count against you today"
    assert one(Status.PASS).word == "OK"
    assert report(laptop()).overall is Overall.CANNOT_TELL
