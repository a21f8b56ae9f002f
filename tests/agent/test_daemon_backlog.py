"""Equal wishes become one; noisy ones wait until it is quiet."""

import pytest

from agent.daemon import Reason, Scope, Trigger
from agent.daemon.backlog import LONGEST_SETTLE_S, Backlog, Errand, Settling, covers

ALL = Trigger(reason=Reason.SCHEDULE)
PHONES = Trigger(reason=Reason.PHONE, scope=Scope.PHONES)
LAPTOP = Trigger(reason=Reason.POLICY, scope=Scope.LAPTOP)
IMAGES = Trigger(reason=Reason.FOLDER, scope=Scope.LAPTOP, checks=("clinical_images",))
TWO = Trigger(reason=Reason.FOLDER, scope=Scope.LAPTOP, checks=("clinical_images", "cloud_backup"))


@pytest.mark.parametrize(
    ("one", "other", "needless"),
    [(ALL, ALL, True), (ALL, PHONES, True), (ALL, IMAGES, True), (PHONES, ALL, False), (PHONES, IMAGES, False),
     (LAPTOP, IMAGES, True), (IMAGES, LAPTOP, False), (TWO, IMAGES, True), (IMAGES, TWO, False)],
)  # fmt: skip
def test_what_covers_what(one: Trigger, other: Trigger, needless: bool) -> None:
    assert covers(one, other) is needless


def drained(backlog: Backlog) -> list[object]:
    works = []
    while (work := backlog.take(block=False)) is not None:
        works.append(work)
    return works


def test_a_covered_wish_is_not_queued() -> None:
    backlog = Backlog()
    assert backlog.put(ALL)
    assert not backlog.put(IMAGES)
    assert drained(backlog) == [ALL]


def test_a_wider_wish_takes_the_place_of_narrower_ones() -> None:
    backlog = Backlog()
    for trigger in (IMAGES, PHONES, ALL):
        backlog.put(trigger)
    assert drained(backlog) == [ALL]


def test_unrelated_wishes_keep_their_order() -> None:
    backlog = Backlog()
    for trigger in (IMAGES, PHONES, IMAGES):
        backlog.put(trigger)
    assert drained(backlog) == [IMAGES, PHONES]


def test_an_audit_stands_for_the_delivery_that_follows_it() -> None:
    backlog = Backlog()
    backlog.put(Errand.DELIVER)
    backlog.put(ALL)
    assert drained(backlog) == [ALL]


def test_a_closed_backlog_hands_out_nothing() -> None:
    backlog = Backlog()
    backlog.put(ALL)
    backlog.close()
    assert backlog.take() is None


def test_a_trigger_waits_until_it_is_quiet() -> None:
    settling = Settling({Reason.FOLDER: 20.0})
    settling.notice(IMAGES, 0.0)
    settling.notice(IMAGES, 15.0)
    assert settling.ready(20.0) == ()
    assert settling.next_s == 35.0
    assert settling.ready(35.0) == (IMAGES,)
    assert settling.next_s is None


def test_a_folder_that_never_rests_is_looked_at_all_the_same() -> None:
    settling = Settling({Reason.FOLDER: 20.0})
    seen = []
    for second in range(0, 1300, 10):
        settling.notice(IMAGES, float(second))
        seen += [second for _ in settling.ready(float(second))]
    assert seen == [LONGEST_SETTLE_S, 2 * LONGEST_SETTLE_S + 10]
