"""Whatever is clicked, in whatever order: nothing is deleted that the person did not file, or that is on hold."""

import contextlib
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from review_parts import PHONE, FakePhone, Scene, agreed, judged, said, shown
from visit_parts import Answer, Visit

from agent.photos.index import LAPTOP
from agent.photos.ledger_model import Said
from agent.photos.review.model import Marked, Removed
from checks.clinical_images.fact import Disposition

ENDS = ("in_record", "filed")
UNDO_S = 30
SEEDS = (1, 2)
VARIABLES = ("SCRUBIN_STATE", "SCRUBIN_SYSTEM_CONFIG", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "HOME")
pictures = st.sampled_from(SEEDS)


@dataclass
class Truth:
    """What the person really did, by what their own clicks were answered."""

    said: dict[int, str] = field(default_factory=dict)
    confirmed: dict[int, tuple[frozenset[str], float]] = field(default_factory=dict)
    """By picture, the copies that were ticked, and when on the steady clock."""
    asked: int | None = None
    """The picture whose last button is being pressed at this moment."""
    wrong: list[str] = field(default_factory=list)


@dataclass
class Watched(FakePhone):
    """A device that compares each deletion with what the person did."""

    scene: Scene | None = None
    truth: Truth = field(default_factory=Truth)
    shows: dict[str, int] = field(default_factory=dict)

    def remove(self, marked: Marked) -> Removed:
        assert self.scene is not None
        picture, path = self.shows[marked.copy.path], marked.copy.path
        ticked, at = self.truth.confirmed.get(picture, (frozenset(), float("inf")))
        if self.truth.asked != picture:
            self.truth.wrong.append("nobody asked for it at this moment")
        if self.truth.said.get(picture) not in ENDS:
            self.truth.wrong.append(f"it was said to be {self.truth.said.get(picture)}")
        if path not in ticked:
            self.truth.wrong.append("its copy was not ticked")
        if self.scene.clock_s < at + UNDO_S:
            self.truth.wrong.append("the time to undo still ran")
        return super().remove(marked)


class Clicks(RuleBasedStateMachine):
    """A person at the page, with two devices."""

    def __init__(self) -> None:
        super().__init__()
        self.after = contextlib.ExitStack()
        folder = Path(self.after.enter_context(tempfile.TemporaryDirectory(prefix="scrubin-test-")))
        self.after.callback(os.environ.update, {name: os.environ[name] for name in VARIABLES if name in os.environ})
        self.after.callback(lambda: [os.environ.pop(name, None) for name in VARIABLES])
        for name in VARIABLES:
            os.environ[name] = str(folder / name.lower())
        (folder / "home").mkdir()
        agreed()
        self.truth = Truth()
        self.scene = Scene(home=folder / "home")
        self.devices = {LAPTOP: self._device(), PHONE: self._device()}
        self.scene.laptop, self.scene.phone = self.devices[LAPTOP], self.devices[PHONE]
        self.copies: dict[int, list[str]] = {seed: [] for seed in SEEDS}
        for seed in SEEDS:
            self._file(f"Pictures/{seed}.jpg", seed, LAPTOP)
            self._file(f"DCIM/{seed}.jpg", seed, PHONE)
        self.visit: Visit = self.after.enter_context(self.scene.visited()).open()
        self.waits: dict[int, tuple[str, int]] = {}

    def _device(self) -> Watched:
        made = Watched(truth=self.truth)
        made.scene = self.scene
        return made

    def _file(self, name: str, seed: int, device: str) -> None:
        self.scene.add(name, seed, device=device, result=judged(seed))
        path = str(self.scene.home / name) if device == LAPTOP else f"/storage/emulated/0/{name}"
        held = self.devices[device]
        held.files.setdefault(path, b"picture %d" % seed)
        held.shows[path] = seed
        self.copies[seed].append(path)

    def _number(self, seed: int) -> int | None:
        """In its address now; None for one that is gone."""
        shelf = self.visit.page.reviewing.shelf(self.visit.page.open_desk())
        of = [one for one in shelf.pictures if any(copy.path in self.copies[seed] for copy in one.copies)]
        return of[0].number if of else None

    def _said(self, seed: int, answer: Answer, word: str) -> None:
        if answer.status == 303:
            self.truth.said[seed] = word
            self.truth.confirmed.pop(seed, None)

    @rule(
        seed=pictures,
        decision=st.sampled_from(["in_record", "filed", "own", "not_clinical", "filed_by_sender", "hold", "teaching"]),
    )
    def decide(self, seed: int, decision: str) -> None:
        number = self._number(seed)
        if number is not None:
            answer = said(self.visit, number, decision)
            if decision not in ("hold", "teaching"):  # those lead to a page of their own
                self._said(seed, answer, decision)

    @rule(seed=pictures)
    def hold(self, seed: int) -> None:
        number = self._number(seed)
        if number is not None:
            fields = {"shown": shown(self.visit, number), "reason": "a court"}
            self._said(seed, self.visit.post(f"/pictures/{number}/hold", **fields), "hold")

    @rule(seed=pictures, sure=st.sampled_from(["yes", "no"]))
    def lift(self, seed: int, sure: str) -> None:
        number = self._number(seed)
        if number is not None:
            fields = {"shown": shown(self.visit, number), "sure": sure}
            self._said(seed, self.visit.post(f"/pictures/{number}/lift", **fields), "lifted")

    @rule(
        seed=pictures,
        left_out=st.integers(0, 2),
        off=st.sampled_from([0, 0, 0, 1]),
        ticks=st.sampled_from([("yes", "yes"), ("yes", "yes"), ("yes", ""), ("", "yes")]),
    )
    def confirm(self, seed: int, left_out: int, off: int, ticks: Sequence[str]) -> None:
        number = self._number(seed)
        if number is None:
            return
        picture = self.visit.page.reviewing.shelf(self.visit.page.open_desk()).holding(number)
        assert picture is not None
        ticked = list(picture.copies)[left_out:]
        fields = {"shown": shown(self.visit, number), "seen": ticks[0], "says": ticks[1]}
        chosen = [str(one.id) for one in ticked]
        answer = self.visit.post(f"/pictures/{number}/delete", copy=chosen, count=str(len(chosen) + off), **fields)
        where = answer.headers.get("location", "").removesuffix("#panel")
        if where.startswith("/pictures/waiting/"):
            assert off == 0
            assert ticks == ("yes", "yes")
            self.truth.confirmed[seed] = frozenset(one.path for one in ticked), self.scene.clock_s
            wait = self.visit.page.reviewing.waiting.alive(where.rpartition("/")[2])
            assert wait is not None
            self.waits[seed] = where, wait.count  # fewer than were ticked where a phone is away

    @rule(seed=pictures, decision=st.sampled_from(ENDS), left_out=st.integers(0, 1))
    def file_and_confirm(self, seed: int, decision: str, left_out: int) -> None:
        """As most people do, most of the time."""
        self.decide(seed, decision)
        self.confirm(seed, left_out, 0, ("yes", "yes"))

    @rule(seconds=st.sampled_from([1, 10, 29, 31, 59, 61]))
    def let_time_pass(self, seconds: int) -> None:
        self.scene.clock_s += seconds

    @precondition(lambda self: self.waits)
    @rule(data=st.data(), off=st.sampled_from([0, 0, 0, -1]), patience_s=st.sampled_from([0, 31, 31, 45]))
    def press(self, data: st.DataObject, off: int, patience_s: int) -> None:
        seed = data.draw(st.sampled_from(sorted(self.waits)))
        self.scene.clock_s += patience_s
        where, count = self.waits[seed]
        self.truth.asked = seed if off == 0 else None
        self.visit.post(f"{where}/delete", count=str(count + off))
        self.truth.asked = None

    @precondition(lambda self: self.waits)
    @rule(data=st.data(), seconds=st.sampled_from(["30", "120", "none"]))
    def put_off(self, data: st.DataObject, seconds: str) -> None:
        where, _ = self.waits[data.draw(st.sampled_from(sorted(self.waits)))]
        self.visit.post(f"{where}/wait", seconds=seconds)

    @precondition(lambda self: self.waits)
    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        seed = data.draw(st.sampled_from(sorted(self.waits)))
        if self.visit.post(f"{self.waits[seed][0]}/undo").status == 303:
            self.truth.confirmed.pop(seed, None)

    @rule(here=st.booleans())
    def plug(self, here: bool) -> None:
        self.devices[PHONE].here = here

    @rule(seed=pictures, number=st.integers(0, 3))
    def find_another_copy(self, seed: int, number: int) -> None:
        """A scan found one; it counts as what was said of the others, or is to be decided."""
        self._file(f"Downloads/{seed}-{number}.jpg", seed, LAPTOP)

    @rule(address=st.sampled_from(["/pictures", "/pictures?show=hold", "/pictures/log"]))
    def look(self, address: str) -> None:
        assert self.visit.get(address).status == 200

    @invariant()
    def nothing_was_deleted_that_the_person_did_not_mean(self) -> None:
        assert self.truth.wrong == []

    def teardown(self) -> None:
        self.after.close()


TestClicks = Clicks.TestCase
TestClicks.settings = settings(
    max_examples=12, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)


def test_a_hold_that_only_one_copy_has_stops_the_deletion_of_all(home: Path) -> None:
    agreed()
    made = Scene(home=home)
    numbers = [made.add(f"Pictures/{one}.jpg", 1) for one in range(3)]
    with made.visited() as visit:
        visit.open()
        number = visit.page.reviewing.shelf(visit.page.open_desk()).pictures[0].number
        said(visit, number)
        visit.page.reviewing.acts.say([numbers[2]], Said(disposition=Disposition.LEGAL_HOLD, at=1))
        answer = visit.post(
            f"/pictures/{number}/delete", shown=shown(visit, number), copy=[str(numbers[0])], count="1", seen="yes",
            says="yes",
        )  # fmt: skip
    assert answer.status == 409
    assert len(list((home / "Pictures").iterdir())) == 3
