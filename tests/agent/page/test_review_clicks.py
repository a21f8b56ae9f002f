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
from review_parts import PHONE, FakePhone, Scene, agreed, drawn, judged, said, shown
from visit_parts import Answer, Visit

from agent.page.review_model import Picture
from agent.photos.index import LAPTOP
from agent.photos.ledger_model import Said
from agent.photos.review.model import Marked, Removed
from checks.clinical_images.fact import Disposition

ENDS = ("in_record", "filed")
UNDO_S = 30
SEEDS = (1, 2)
VARIABLES = ("SCRUBIN_STATE", "SCRUBIN_SYSTEM_CONFIG", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "HOME")
Contents = tuple[int, int]
"""What a file shows, and which of the pictures that look so it is: a wrong link, or a copy that an app made smaller."""
pictures = st.tuples(st.sampled_from(SEEDS), st.sampled_from([0, 0, 1]))


@dataclass
class Confirmed:
    """A deletion that waits, as the person was shown it."""

    group: frozenset[str]
    ticked: frozenset[str]
    at: float
    """On the steady clock."""


@dataclass
class Truth:
    """What the person really did, by what their own clicks were answered."""

    said: dict[Contents, str] = field(default_factory=dict)
    holds: dict[Contents, int] = field(default_factory=dict)
    lifts: dict[Contents, int] = field(default_factory=dict)
    """Which act it was."""
    apart: set[frozenset[Contents]] = field(default_factory=set)
    confirmed: dict[str, Confirmed] = field(default_factory=dict)
    """By where it waits."""
    asked: str | None = None
    """Where the deletion waits whose last button is being pressed at this moment."""
    wrong: list[str] = field(default_factory=list)

    def is_held(self, one: Contents) -> bool:
        """By its own hold, or one on what looks like it, was not set apart, and was held after it was lifted here."""
        reaching = [
            at for other, at in self.holds.items() if other[0] == one[0] and frozenset({other, one}) not in self.apart
        ]
        return one in self.holds or any(at > self.lifts.get(one, -1) for at in reaching)


@dataclass
class Watched(FakePhone):
    """A device that compares each deletion with what the person did."""

    scene: Scene | None = None
    truth: Truth = field(default_factory=Truth)
    shows: dict[str, Contents] = field(default_factory=dict)

    def remove(self, marked: Marked) -> Removed:
        assert self.scene is not None
        picture, path = self.shows[marked.copy.path], marked.copy.path
        meant = self.truth.confirmed.get(self.truth.asked or "")
        if meant is None:
            self.truth.wrong.append("nobody asked for it at this moment")
        elif path not in meant.ticked:
            self.truth.wrong.append("its copy was not ticked")
        elif self.scene.clock_s < meant.at + UNDO_S:
            self.truth.wrong.append("the time to undo still ran")
        if self.truth.said.get(picture) not in ENDS:
            self.truth.wrong.append(f"it was said to be {self.truth.said.get(picture)}")
        if self.truth.is_held(picture):
            self.truth.wrong.append("it was on hold")
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
        self.shows: dict[str, Contents] = {}
        for seed in SEEDS:
            self._file(f"Pictures/{seed}.jpg", (seed, 0), LAPTOP)
            self._file(f"DCIM/{seed}.jpg", (seed, 0), PHONE)
        self.visit: Visit = self.after.enter_context(self.scene.visited()).open()
        self.waits: dict[str, int] = {}
        self.acts = 0

    def _device(self) -> Watched:
        made = Watched(truth=self.truth)
        made.scene = self.scene
        return made

    def _file(self, name: str, of: Contents, device: str) -> None:
        seed, which = of
        self.scene.add(name, seed, device=device, result=judged(seed), data=drawn(seed, 240 - 80 * which))
        path = str(self.scene.home / name) if device == LAPTOP else f"/storage/emulated/0/{name}"
        held = self.devices[device]
        held.files.setdefault(path, b"picture %d %d" % of)
        held.shows[path] = self.shows[path] = of

    def _picture(self, of: Contents) -> Picture | None:
        """As it is on the shelf now; None for one that is gone."""
        shelf = self.visit.page.reviewing.shelf(self.visit.page.open_desk())
        return next((one for one in shelf.pictures if of in self._contents(one)), None)

    def _contents(self, picture: Picture) -> set[Contents]:
        return {self.shows[copy.path] for copy in picture.copies}

    def _dropped(self, picture: Picture) -> None:
        """Whatever waited for one of its copies."""
        paths = {copy.path for copy in picture.copies}
        for where, one in list(self.truth.confirmed.items()):
            if not paths.isdisjoint(one.group):
                del self.truth.confirmed[where]

    def _said(self, picture: Picture, answer: Answer, word: str) -> None:
        if answer.status == 303:
            self.acts += 1
            self.truth.said.update(dict.fromkeys(self._contents(picture), word))
            self._dropped(picture)

    @rule(
        of=pictures,
        decision=st.sampled_from(["in_record", "filed", "own", "not_clinical", "filed_by_sender", "hold", "teaching"]),
    )
    def decide(self, of: Contents, decision: str) -> None:
        picture = self._picture(of)
        if picture is not None:
            answer = said(self.visit, picture.number, decision)
            if decision not in ("hold", "teaching"):  # those lead to a page of their own
                self._said(picture, answer, decision)

    @rule(of=pictures)
    def hold(self, of: Contents) -> None:
        picture = self._picture(of)
        if picture is not None:
            answer = self.visit.post(f"/pictures/{picture.number}/hold", shown=picture.shown, reason="a court")
            self._said(picture, answer, "hold")
            if answer.status == 303:
                self.truth.holds.update(dict.fromkeys(self._contents(picture), self.acts))

    @rule(of=pictures, sure=st.sampled_from(["yes", "no"]))
    def lift(self, of: Contents, sure: str) -> None:
        picture = self._picture(of)
        if picture is not None:
            answer = self.visit.post(f"/pictures/{picture.number}/lift", shown=picture.shown, sure=sure)
            self._said(picture, answer, "lifted")
            for one in self._contents(picture) if answer.status == 303 else ():
                self.truth.holds.pop(one, None)
                self.truth.lifts[one] = self.acts

    @rule(of=pictures)
    def set_apart(self, of: Contents) -> None:
        """One that only looks like the others; nothing that was said of them together counts for it any more."""
        picture = self._picture(of)
        if picture is None:
            return
        copy = next(one.id for one in picture.copies if self.shows[one.path] == of)
        answer = self.visit.post(f"/pictures/{picture.number}/apart", shown=picture.shown, copy=str(copy))
        others = self._contents(picture) - {of}
        if answer.status == 303:
            assert others
            assert not any(map(self.truth.is_held, others | {of})), "a hold was weakened"
            self.truth.apart |= {frozenset({of, one}) for one in others}
            self.truth.said[of] = "set apart"
            self._dropped(picture)

    @rule(of=pictures)
    def join(self, of: Contents) -> None:
        picture = self._picture(of)
        if picture is not None:
            assert self.visit.post(f"/pictures/{picture.number}/same", shown=picture.shown).status == 303
            contents = self._contents(picture)
            self.truth.apart = {pair for pair in self.truth.apart if contents.isdisjoint(pair)}

    @rule(
        of=pictures,
        left_out=st.integers(0, 2),
        off=st.sampled_from([0, 0, 0, 1]),
        ticks=st.sampled_from([("yes", "yes"), ("yes", "yes"), ("yes", ""), ("", "yes")]),
    )
    def confirm(self, of: Contents, left_out: int, off: int, ticks: Sequence[str]) -> None:
        picture = self._picture(of)
        if picture is None:
            return
        ticked = list(picture.copies)[left_out:]
        fields = {"shown": picture.shown, "seen": ticks[0], "says": ticks[1]}
        chosen = [str(one.id) for one in ticked]
        count = str(len(chosen) + off)
        answer = self.visit.post(f"/pictures/{picture.number}/delete", copy=chosen, count=count, **fields)
        where = answer.headers.get("location", "").removesuffix("#panel")
        if where.startswith("/pictures/waiting/"):
            assert off == 0
            assert ticks == ("yes", "yes")
            self._dropped(picture)
            self.truth.confirmed[where] = Confirmed(
                group=frozenset(one.path for one in picture.copies),
                ticked=frozenset(one.path for one in ticked),
                at=self.scene.clock_s,
            )
            wait = self.visit.page.reviewing.waiting.alive(where.rpartition("/")[2])
            assert wait is not None
            self.waits[where] = wait.count  # fewer than were ticked where a phone is away

    @rule(of=pictures, decision=st.sampled_from(ENDS), left_out=st.integers(0, 1))
    def file_and_confirm(self, of: Contents, decision: str, left_out: int) -> None:
        """As most people do, most of the time."""
        self.decide(of, decision)
        self.confirm(of, left_out, 0, ("yes", "yes"))

    @rule(seed=st.sampled_from(SEEDS), decision=st.sampled_from(ENDS), again=st.booleans())
    def delete_what_was_set_apart(self, seed: int, decision: str, again: bool) -> None:
        """In a hurry: said of both together, then set apart; of the one itself nothing, or something, is said again."""
        other: Contents = (seed, 1)
        self.find_another_copy(other, 0)
        self.decide((seed, 0), decision)
        self.set_apart(other)
        if again:
            self.decide(other, decision)
        self.confirm(other, 0, 0, ("yes", "yes"))
        for where in list(self.truth.confirmed):
            self._press(where, 0, UNDO_S + 1)

    @rule(seconds=st.sampled_from([1, 10, 29, 31, 59, 61]))
    def let_time_pass(self, seconds: int) -> None:
        self.scene.clock_s += seconds

    @precondition(lambda self: self.waits)
    @rule(data=st.data(), off=st.sampled_from([0, 0, 0, -1]), patience_s=st.sampled_from([0, 31, 31, 45]))
    def press(self, data: st.DataObject, off: int, patience_s: int) -> None:
        self._press(data.draw(st.sampled_from(sorted(self.waits))), off, patience_s)

    def _press(self, where: str, off: int, patience_s: int) -> None:
        self.scene.clock_s += patience_s
        self.truth.asked = where if off == 0 else None
        self.visit.post(f"{where}/delete", count=str(self.waits[where] + off))
        self.truth.asked = None

    @precondition(lambda self: self.waits)
    @rule(data=st.data(), seconds=st.sampled_from(["30", "120", "none"]))
    def put_off(self, data: st.DataObject, seconds: str) -> None:
        self.visit.post(f"{data.draw(st.sampled_from(sorted(self.waits)))}/wait", seconds=seconds)

    @precondition(lambda self: self.waits)
    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        where = data.draw(st.sampled_from(sorted(self.waits)))
        if self.visit.post(f"{where}/undo").status == 303:
            self.truth.confirmed.pop(where, None)

    @rule(here=st.booleans())
    def plug(self, here: bool) -> None:
        self.devices[PHONE].here = here

    @rule(of=pictures, number=st.integers(0, 1))
    def find_another_copy(self, of: Contents, number: int) -> None:
        """A scan found one; it counts as what was said of the others, or is to be decided."""
        self._file(f"Downloads/{of[0]}-{of[1]}-{number}.jpg", of, LAPTOP)
        self.visit.page.reviewing.unsettled()

    @rule(address=st.sampled_from(["/pictures", "/pictures?show=hold", "/pictures/log"]))
    def look(self, address: str) -> None:
        """Each file is shown once, and with none that it was set apart from."""
        assert self.visit.get(address).status == 200
        shelf = self.visit.page.reviewing.shelf(self.visit.page.open_desk())
        paths = [copy.path for one in shelf.pictures for copy in one.copies]
        assert len(paths) == len(set(paths))
        for one in shelf.pictures:
            assert not [pair for pair in self.truth.apart if pair <= self._contents(one)]

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
