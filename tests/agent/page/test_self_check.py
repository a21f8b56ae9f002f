"""May I start my shift? The first page from what is known to what is seen now, with phones on a real adb server."""

import json
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from self_check_parts import BAD, GOOD, SERIAL, checked, head, looks, policy, rested, row
from virtual_phone.rig import PlugIn, adb_server, until, virtual_phone
from visit_parts import Visit, plain, visited

from agent.attestations import FILE
from agent.cli import main
from agent.demo.faults import Faults
from agent.demo.server import AdbServer
from agent.devices import fingerprint_end
from agent.gather import find_phones
from agent.look import LAPTOP
from agent.page.busy import Busy
from agent.page.checking import FRESH, GLIMPSE_EVERY, WATCHED, Checking
from agent.page.checking_board import Board
from agent.page.checking_model import Held, Part
from agent.page.checking_run import Run, again
from agent.photos.consent import agree
from agent.places import places
from agent.status_file import StatusFile, read_status

__all__ = ["adb_server", "virtual_phone"]

COUNTS = "attestation_counts = true"
PHONES_ONLY = (
    "screen_lock", "encryption", "updates", "integrity", "users", "photo_access", "messaging_apps", "geotagging",
    "cloud_backup",
)  # fmt: skip
"""All that the good phone passes."""


@pytest.fixture(autouse=True)
def own_adb(home: Path, adb_server: AdbServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(adb_server.port))


def phone_id(visit: Visit) -> str:
    (found,) = visit.page.checking.snapshot.here or ()
    return found


def test_the_first_time_a_check_is_offered_and_nothing_begins(visit: Visit) -> None:
    page = visit.get("/").text
    assert (head(page), looks(page)) == ("Let's have a first look", "empty")
    assert "No phone is plugged in" in page
    assert rested(visit).ended_at is None
    assert not places().status.exists()


def test_a_check_shows_each_finding_with_its_reason_and_its_steps(visit: Visit, virtual_phone: PlugIn) -> None:
    virtual_phone(recording=BAD, serial=SERIAL)
    page = checked(visit)
    assert looks(page) == "fail"
    lock = row(page, "screen_lock", phone_id(visit))
    assert "It opens without a password or PIN." in lock
    assert "Lock screen &rsaquo; Screen lock type" in lock
    assert "whoever picks it up" in lock
    assert "To fix just now" in lock


def test_the_answer_is_that_of_the_terminal(
    visit: Visit, virtual_phone: PlugIn, capsys: pytest.CaptureFixture[str]
) -> None:
    virtual_phone(recording=BAD, serial=SERIAL)
    page = checked(visit)
    main(["check"])
    assert capsys.readouterr().out.startswith(head(page) + ".")


def test_a_check_is_kept_as_one_in_a_terminal_is(visit: Visit, virtual_phone: PlugIn) -> None:
    virtual_phone(recording=GOOD, serial=SERIAL)
    checked(visit)
    kept = [places().kept(), *places().kept_phones()]
    found = [read_status(one.status, now=datetime.now(UTC)) for one in kept]
    assert len(found) == 2
    assert all(isinstance(one, StatusFile) and one.proven for one in found)


def test_what_was_seen_before_is_there_at_once_and_then_renewed(visit: Visit, virtual_phone: PlugIn) -> None:
    policy(("screen_lock",))
    virtual_phone(recording=BAD, serial=SERIAL)
    checked(visit)
    with visited() as later:
        later.open()
        first = later.get("/").text
        assert "Samsung" in first
        assert "Check this again" not in first  # exact facts are of the process that saw them
        until(lambda: later.page.checking.snapshot.ended_at is not None)
        rested(later)
        assert "Check this again" in later.get("/").text


def test_whoever_comes_back_soon_starts_no_other_check(visit: Visit) -> None:
    checked(visit)
    before = visit.page.checking.snapshot.version
    visit.get("/")
    assert rested(visit).version == before


def test_devices_as_they_should_be_are_ready(visit: Visit, virtual_phone: PlugIn) -> None:
    policy(("shared_use",), phone=PHONES_ONLY)
    virtual_phone(recording=GOOD, serial=SERIAL)
    page = checked(visit)
    assert (head(page), looks(page)) == ("Ready for your shift", "pass"), plain(page)
    assert page.count("Ready</span>") == 2


def test_a_phone_of_which_nothing_was_asked_makes_nothing_ready(visit: Visit, virtual_phone: PlugIn) -> None:
    policy(("shared_use",))
    virtual_phone(recording=GOOD, serial=SERIAL)
    page = checked(visit)
    assert looks(page) == "unknown"
    assert "none of the checks that your practice requires has passed" in head(page)


def test_ready_is_said_with_the_time_of_what_was_seen(visit: Visit) -> None:
    policy(("shared_use",))
    page = checked(visit)
    assert (head(page), looks(page)) == ("Ready for your shift", "pass")
    assert "a changed setting can change it" in page


def test_a_phone_that_waits_for_allow_is_told_what_to_do_and_checked_once_it_allows(
    visit: Visit, adb_server: AdbServer, virtual_phone: PlugIn, home: Path
) -> None:
    phone = virtual_phone(recording=GOOD, serial=SERIAL, faults=Faults(unauthorised=True))
    policy(("shared_use",))
    page = checked(visit)
    assert "A phone is waiting for your OK" in page
    assert "Tap Allow." in page
    assert (head(page), looks(page)) == ("Can't tell yet: 1 thing to look at", "unknown")
    phone.allow()
    until(lambda: bool(visit.get("/now?v=0").text) and bool(visit.page.checking.snapshot.here))
    rested(visit)
    assert "Pixel" in visit.get("/").text


def test_the_code_to_compare_is_this_laptops(visit: Visit, home: Path, virtual_phone: PlugIn) -> None:
    (home / ".android").mkdir()
    (home / ".android" / "adbkey.pub").write_text("QUJDREVGRw== me@here\n")
    virtual_phone(recording=GOOD, serial=SERIAL, faults=Faults(unauthorised=True))
    end = fingerprint_end(str(home))
    assert end is not None
    assert f"which ends in {end}" in plain(checked(visit))


def test_one_check_is_looked_at_again_at_once_and_its_report_follows(
    visit: Visit, adb_server: AdbServer, virtual_phone: PlugIn
) -> None:
    policy(("screen_lock",))
    bad = virtual_phone(recording=BAD, serial=SERIAL)
    assert "To fix" in row(checked(visit), "screen_lock", phone_id(visit))
    device_id = phone_id(visit)
    bad.close()
    virtual_phone(recording=GOOD, serial=SERIAL)
    answer = visit.post(f"/check/{device_id}/screen_lock")
    assert (answer.status, answer.headers["location"]) == (303, f"/#screen_lock-{device_id}")
    assert "OK just now" in row(visit.get("/").text, "screen_lock", device_id)
    rested(visit)
    kept = read_status(places().kept(device_id).status, now=datetime.now(UTC))
    assert isinstance(kept, StatusFile)
    assert {one.check_id: str(one.status) for one in kept.findings}["screen_lock"] == "pass"


def test_under_another_policy_a_check_by_itself_does_not_mix_with_what_was_seen_before(visit: Visit) -> None:
    policy(("shared_use",))
    checked(visit)
    before = next(iter(visit.page.checking.snapshot.held.values())).audit
    policy(("shared_use",), name="another")
    device_id = before.report.device.id
    page = visit.page
    board, stop = page.checking._board, threading.Event()
    assert not again(page.open_desk(), board, device_id, "shared_use", now=page.now, stop=stop)
    assert visit.page.checking.snapshot.held[device_id].audit is before


class Impatient(Board):
    """Somebody who stops the check as soon as pictures were looked at."""

    def __init__(self, halt: threading.Event) -> None:
        super().__init__()
        self.halt = halt

    def ended(self, device_id: str, part: Part) -> None:
        super().ended(device_id, part)
        if part is Part.PICTURES:
            self.halt.set()


class Nameless(Board):
    """No phone says which it is."""

    def show(self, held: Held) -> None:
        super().show(replace(held, unnamed=True))


@pytest.mark.parametrize("board", [Impatient, Nameless])
def test_what_was_stopped_or_has_no_name_is_shown_and_not_kept(visit: Visit, board: type[Board]) -> None:
    halt = threading.Event()
    made = board(halt) if board is Impatient else board()  # type: ignore[call-arg]
    run = Run(desk=visit.page.open_desk(), board=made, now=visit.page.now, halt=halt)
    assert run.go(LAPTOP) is not halt.is_set()
    assert len(made.snapshot.held) == 1
    assert not places().kept().last_report.exists()


def test_a_phone_that_left_is_not_looked_at_again_and_says_so(visit: Visit, virtual_phone: PlugIn) -> None:
    phone = virtual_phone(recording=BAD, serial=SERIAL)
    checked(visit)
    device_id = phone_id(visit)
    phone.close()
    visit.post(f"/check/{device_id}/screen_lock")
    page = plain(visit.get("/").text)
    assert "not here now" in page
    assert "no phone of that serial or model is attached" in page.lower()


@pytest.mark.parametrize("part", [0.0, 0.1, 0.5, 0.9])
def test_a_phone_pulled_out_in_the_middle_is_never_ready(
    visit: Visit, home: Path, virtual_phone: PlugIn, part: float
) -> None:
    policy(("shared_use",), phone=PHONES_ONLY)
    whole = virtual_phone(recording=GOOD, serial=SERIAL)
    (read,) = find_phones(str(home), wanted=None, stop=threading.Event()).phones
    whole.close()
    virtual_phone(recording=GOOD, serial=SERIAL, faults=Faults(cut_after_bytes=1 + int(part * read.received_bytes)))
    page = checked(visit)
    assert looks(page) != "pass"
    assert "Ready for your shift" not in page


def test_a_phone_pulled_out_before_its_pictures_is_never_ready(visit: Visit, virtual_phone: PlugIn) -> None:
    policy(("shared_use",), phone=(*PHONES_ONLY, "clinical_images"))
    agree(places().photos, now=datetime.now(UTC))
    phone = virtual_phone(recording=GOOD, serial=SERIAL)
    visit.post("/check")
    until(lambda: any(one.pending for one in visit.page.checking.snapshot.held.values()))
    phone.unplug()
    rested(visit)
    page = visit.get("/").text
    assert looks(page) in ("unknown", "busy")
    assert "Couldn't check" in row(page, "clinical_images", next(iter(places().kept_phones())).folder.name)


def test_what_the_person_saw_is_kept_and_counts_where_the_practice_lets_it(visit: Visit, virtual_phone: PlugIn) -> None:
    policy(("remote_wipe",), remote_wipe=COUNTS)
    virtual_phone(recording=GOOD, serial=SERIAL)
    page = checked(visit)
    device_id = phone_id(visit)
    assert "It is on It was off, I turned it on I'm not sure" in row(page, "remote_wipe", device_id)
    visit.post(f"/looked/{device_id}/remote_wipe", saw="changed")
    words = json.loads((places().state / FILE).read_text())["words"]
    assert [one["saw"] for one in words] == ["on"]
    said = row(visit.get("/").text, "remote_wipe", device_id)
    assert "You looked on" in said
    assert "your practice accepts your word until" in said
    rested(visit)
    kept = read_status(places().kept(device_id).status, now=datetime.now(UTC))
    assert isinstance(kept, StatusFile)
    assert [one.attestation.saw for one in kept.findings if one.attestation] == ["on"]


def test_not_sure_leaves_it_open(visit: Visit, virtual_phone: PlugIn) -> None:
    virtual_phone(recording=GOOD, serial=SERIAL)
    checked(visit)
    visit.post(f"/looked/{phone_id(visit)}/remote_wipe", saw="unsure")
    assert not (places().state / FILE).exists()
    assert "which is an honest answer" in visit.get("/").text


def test_a_word_on_what_the_device_itself_shows_is_not_kept(visit: Visit, virtual_phone: PlugIn) -> None:
    virtual_phone(recording=BAD, serial=SERIAL)
    checked(visit)
    visit.post(f"/looked/{phone_id(visit)}/cloud_backup", saw="good")
    assert not (places().state / FILE).exists()
    assert "the device itself shows what is to fix" in visit.get("/").text


@pytest.mark.parametrize(
    "address",
    ["/check/x/screen_lock", "/check/{id}/nothing", "/looked/{id}/screen_lock", "/looked/{id}/nothing",
     "/check/11111111-2222-4333-8444-555555555555/screen_lock"],
)  # fmt: skip
def test_what_no_page_of_ours_asks_for_is_not_found(visit: Visit, virtual_phone: PlugIn, address: str) -> None:
    virtual_phone(recording=GOOD, serial=SERIAL)
    checked(visit)
    assert visit.post(address.format(id=phone_id(visit)), saw="good").status == 404


def test_a_word_that_is_none_of_the_three_is_not_found(visit: Visit, virtual_phone: PlugIn) -> None:
    virtual_phone(recording=GOOD, serial=SERIAL)
    checked(visit)
    assert visit.post(f"/looked/{phone_id(visit)}/remote_wipe", saw="off").status == 404


class Gate:
    """A desk that is opened when the test says so."""

    def __init__(self, page: object) -> None:
        self.page = page
        self.opened = 0
        self.let = threading.Event()

    def __call__(self):
        self.opened += 1
        assert self.let.wait(60)
        return self.page.open_desk()  # type: ignore[attr-defined]


def gated(visit: Visit) -> tuple[Checking, Gate]:
    gate = Gate(visit.page)
    page = visit.page
    return Checking(open_desk=gate, now=page.now, busy=page.busy, stop=page.stop), gate


def test_a_check_that_runs_keeps_the_page_from_ending(visit: Visit) -> None:
    checking, gate = gated(visit)
    assert not visit.page.busy
    checking.check()
    until(lambda: gate.opened == 1)
    assert visit.page.busy
    gate.let.set()
    until(lambda: not visit.page.busy)


def test_a_second_request_joins_the_check_that_runs(visit: Visit) -> None:
    checking, gate = gated(visit)
    for _ in range(5):
        checking.check()
        until(lambda: gate.opened == 1)
    gate.let.set()
    until(lambda: checking.snapshot.ended_at is not None and not checking._working)
    assert gate.opened == 1


def test_what_must_come_after_waits_and_goes_once(visit: Visit) -> None:
    checking, gate = gated(visit)
    checking.check()
    until(lambda: gate.opened == 1)
    for _ in range(5):
        checking.check(after=True)
    gate.let.set()
    until(lambda: not checking._working)
    assert gate.opened == 2


def test_a_check_that_was_stopped_is_not_kept_and_says_so(visit: Visit) -> None:
    checking, gate = gated(visit)
    checking.check()
    until(lambda: gate.opened == 1)
    checking.stop()
    gate.let.set()
    until(lambda: not checking._working)
    assert checking.snapshot.ended_at is None
    assert any("You stopped this check" in one for one in checking.snapshot.notes)
    assert not places().status.exists()


def test_a_page_that_ends_stops_its_check(visit: Visit) -> None:
    stop = threading.Event()
    gate = Gate(visit.page)
    checking = Checking(open_desk=gate, now=visit.page.now, busy=Busy(), stop=stop)
    checking.check()
    until(lambda: gate.opened == 1)
    stop.set()
    until(lambda: checking._errand is not None and checking._errand.halt.is_set())
    gate.let.set()
    until(lambda: not checking._working)
    assert not places().status.exists()


def test_a_fault_of_ours_is_told_and_the_next_check_runs(visit: Visit) -> None:
    def broken():
        raise ValueError("a fault")

    checking = Checking(open_desk=broken, now=visit.page.now, busy=Busy(), stop=visit.page.stop)
    checking.check()
    until(lambda: not checking._working)
    assert checking.snapshot.work is None
    assert "a fault of scrubin's own" in " ".join(checking.snapshot.notes)


def test_two_pages_at_once_check_and_keep_side_by_side(visit: Visit, virtual_phone: PlugIn) -> None:
    virtual_phone(recording=BAD, serial=SERIAL)
    with visited() as other:
        other.open()
        for one in (visit, other):
            one.post("/check")
        for one in (visit, other):
            until(lambda one=one: one.page.checking.snapshot.ended_at is not None)
            rested(one)
        assert head(visit.get("/").text) == head(other.get("/").text)
        assert len(places().kept_phones()) == 1


def test_two_windows_see_one_check(visit: Visit) -> None:
    version = rested(visit).version
    visit.post("/check")
    visit.post("/check")
    rested(visit)
    assert [head(visit.get(address).text) for address in (f"/now?v={version}", "/")] == [head(visit.get("/").text)] * 2


class Watch:
    """A wall clock that the test moves."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.at


def test_phones_are_looked_for_only_while_somebody_is_there(home: Path) -> None:
    watch = Watch()
    with visited(now=watch) as visit:
        visit.open().get("/")
        assert visit.get("/now?v=0").status == 204
        watch.at += WATCHED
        assert visit.get("/now?v=0").status == 286
        watch.at -= WATCHED + timedelta(hours=1)  # a clock that was set back says nothing
        assert visit.get("/now?v=0").status == 286


def test_what_is_not_fresh_is_looked_at_again(home: Path) -> None:
    watch = Watch()
    with visited(now=watch) as visit:
        checked(visit.open())
        before = visit.page.checking.snapshot.ended_at
        watch.at += FRESH + GLIMPSE_EVERY
        visit.get("/")
        until(lambda: visit.page.checking.snapshot.ended_at != before)


def test_progress_alone_is_fetched_while_a_check_runs(visit: Visit) -> None:
    board = visit.page.checking._board
    board.begin()
    answer = visit.get(f"/now?v={board.snapshot.version}")
    assert (answer.status, answer.headers["hx-retarget"]) == (200, "#work")
    assert "Stop and show what you have" in answer.text
    assert '<h1 id="answer">' not in answer.text
    board.end(None)


def test_without_a_script_the_page_asks_again_by_itself_while_it_is_busy(visit: Visit) -> None:
    again = '<noscript><meta http-equiv="refresh" content="5"></noscript>'
    assert again not in visit.get("/").text
    visit.page.checking._board.begin()
    assert again in visit.get("/").text
