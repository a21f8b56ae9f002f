"""What others left: reports of the daemon and of terminals, old, damaged, dated in the future, or made to do harm."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fakes import laptop, phone
from hypothesis import given
from hypothesis import strategies as st
from self_check_parts import finding, head, left, looks, policy, report
from visit_parts import Visit, plain, visited

from agent.desk import open_desk
from agent.page.checking_model import Held, Snapshot
from agent.page.self_check_answer import answer
from agent.page.self_check_contacts import contacts
from agent.page.self_check_devices import cards, known
from agent.page.self_check_rows import OUTDATED
from agent.places import places
from agent.runner import Audit
from agent.standing import OLD, in_words, tally
from checks.model import Kind, Overall, Status, Waiver
from checks.policy_file import Contact
from reports.envelope import Proof, Report, to_bytes

Change = Callable[[Report], Report]
HOSTILE = "<script>alert(1)</script>\u202e\x00\"'&" + "x" * 1500
WELL = finding("encryption", Status.PASS)


def shown(snapshot: Snapshot | None = None):
    """Devices and the answer, from what lies on the disk."""
    now = datetime.now(UTC)
    snapshot = snapshot or Snapshot(here=frozenset(), ended_at=now)
    all_ = known(open_desk(), snapshot, now)
    made = cards(all_, now)
    return made, answer(all_, made, snapshot, 0)


@pytest.mark.usefixtures("home")
def test_a_report_of_another_process_is_shown_with_its_age() -> None:
    left(report(laptop(), WELL), ago=timedelta(hours=2))
    (card,), said = shown()
    assert (card.name, [chip.word for chip in card.chips]) == ("This laptop", ["Ready"])
    assert said.head == "Ready for your shift"
    assert card.at is not None
    assert 7190 < datetime.now(UTC).timestamp() - card.at < 7300


@pytest.mark.usefixtures("home")
def test_what_is_too_old_loses_its_verdict() -> None:
    left(report(laptop(), WELL))
    left(report(phone(), WELL), ago=OLD + timedelta(days=2))
    made, said = shown()
    old = next(card for card in made if card.kind is Kind.PHONE)
    assert [(chip.word, str(chip.state)) for chip in old.chips] == [("Last seen 5 days ago", "stale")]
    assert [row.word for row in old.rest if row.check_id == "encryption"] == ["Out of date"]
    assert said.head == "Can't tell yet: 1 thing to look at"


@pytest.mark.usefixtures("home")
def test_only_an_old_report_can_not_tell() -> None:
    left(report(laptop(), WELL), ago=OLD + timedelta(days=1))
    _, said = shown()
    assert (str(said.look), said.head) == ("unknown", "Can't tell yet")


@pytest.mark.usefixtures("home")
def test_no_one_is_ready_before_a_check_got_to_its_end() -> None:
    left(report(laptop(), WELL))
    _, said = shown(Snapshot(here=frozenset()))
    assert (str(said.look), said.head) == ("unknown", "Can't tell yet")
    assert "did not get to its end" in said.say


@pytest.mark.usefixtures("home")
def test_a_phone_that_is_here_and_said_nothing_keeps_one_from_being_ready() -> None:
    left(report(laptop(), WELL))
    _, said = shown(Snapshot(here=frozenset({phone().id}), ended_at=datetime.now(UTC)))
    assert said.head == "Can't tell yet: 1 thing to look at"


def set_back(made: Report) -> Report:
    """As if it were made tomorrow."""
    ahead = datetime.now(UTC) + timedelta(days=1)
    return replace(made, generated_at=ahead, findings=tuple(replace(one, observed_at=ahead) for one in made.findings))


def half(made: Report) -> Report:
    """By a version of scrubin that knew fewer checks."""
    return replace(made, findings=tuple(one for one in made.findings if one.check_id == "encryption"))


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("change", [lambda one: replace(one, policy_version="practice-6"), half, set_back])
@pytest.mark.parametrize("own", [True, False])
def test_what_was_judged_by_other_rules_or_another_clock_is_not_ready(own: bool, change: Change) -> None:
    made = change(left(report(laptop(), WELL)))
    held = {made.device.id: Held(audit=Audit(report=made, examined=()))} if own else {}
    if not own:
        places().kept().last_report.write_bytes(to_bytes(made))
    (card,), said = shown(Snapshot(here=frozenset(), ended_at=datetime.now(UTC), held=held))
    assert str(said.look) == "unknown"
    assert "Ready" not in [chip.word for chip in card.chips]


@pytest.mark.usefixtures("home")
def test_a_waiver_that_has_ended_helps_no_more() -> None:
    ended = Waiver(uid="", who="", why="", until=datetime.now(UTC) - timedelta(hours=1))
    left(report(laptop(), finding("encryption", Status.FAIL, waiver=ended)), ago=timedelta(hours=2))
    (card,), said = shown()
    assert (said.head, [one.word for one in card.open]) == ("1 thing to fix before your shift", ["To fix"])


@pytest.mark.usefixtures("home")
def test_what_no_longer_counts_is_shown_as_what_it_is() -> None:
    left(report(laptop(), WELL), policy_version="practice-6")
    (card,), _ = shown()
    line = next(one for one in card.open if one.check_id == "encryption")
    assert (line.word, [one.sentence for one in line.told]) == ("Out of date", [OUTDATED.sentence])


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("damage", [b"", b"{}", b"\xff\xfe", b"[" * 100_000, b'{"schema":"scrubin/report/1"}'])
def test_a_damaged_report_is_no_pass(damage: bytes) -> None:
    left(report(laptop(), WELL))
    places().kept().last_report.write_bytes(damage)
    (card,), said = shown()
    assert (card.name, card.about) == ("This laptop", "its last check can't be read")
    assert str(said.look) == "unknown"


@pytest.mark.usefixtures("home")
def test_a_report_from_the_future_is_none_to_go_by() -> None:
    left(report(laptop(), WELL), ago=-timedelta(days=1))
    (card,), said = shown()
    assert card.at is None
    assert str(said.look) == "unknown"


@pytest.mark.usefixtures("home")
def test_a_check_that_did_not_prove_itself_is_not_believed() -> None:
    left(report(laptop(), WELL), proof=Proof(planted=2, found=1), overall=Overall.CANNOT_TELL)
    (card,), said = shown()
    assert [chip.word for chip in card.chips] == ["Can't tell"]
    assert "did not prove itself" in said.head


@given(
    st.lists(st.tuples(st.booleans(), st.lists(st.sampled_from(Status), min_size=1, max_size=4)), max_size=4),
    st.integers(0, 2),
)
def test_ready_is_said_only_where_every_device_is(devices: list[tuple[bool, list[Status]]], others: int) -> None:
    reports = [
        replace(
            made, proof=Proof(planted=1, found=int(proven)), overall=made.overall if proven else Overall.CANNOT_TELL
        )
        for proven, statuses in devices
        for made in [report(laptop(), *(finding("shared_use", one) for one in statuses))]
    ]
    told = tally(reports, others=others)
    well = not others and all(one.overall is Overall.COMPLIANT for one in reports)
    assert (told.overall is Overall.COMPLIANT) == well
    assert (in_words(told) == "Ready for your shift.") == well


def test_what_devices_call_themselves_is_shown_escaped_and_bounded(home: Path) -> None:
    hostile = replace(phone(), model=HOSTILE, os_version=f"android {HOSTILE}")
    bad = finding("screen_lock", Status.FAIL, because=HOSTILE, measures={"reasons": (HOSTILE,)})
    left(report(hostile, bad), status=False)
    with visited() as visit:
        visit.open()
        pages = [visit.get(address).text for address in ("/", "/sent", "/now?v=x")]
    assert "a phone" not in pages[0].lower() or "&lt;script&gt;" in pages[0]
    for page in pages:
        assert "<script>alert" not in page
    assert "x" * 500 not in pages[0]
    assert "\u202e" not in pages[0]


def test_an_id_that_is_a_path_leads_nowhere(visit: Visit) -> None:
    for address in ("/sent/..%2f..%2fetc%2fpasswd.json", "/sent/x.json", f"/sent/{laptop().id}.json"):
        assert visit.get(address).status == 404


class Desk:
    """A desk whose policy names these contacts."""

    def __init__(self, **contacts: Contact) -> None:
        self.contacts = contacts

    @property
    def in_force(self):
        return self

    @property
    def policy(self):
        return self


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://it.example/help", "https://it.example/help"), ("javascript:alert(1)", ""), ("data:text/html,x", ""),
        ("https://x\" onclick=\"a", ""), ("https://" + "x" * 9999, ""), ("", ""), ("HTTPS://IT.example", "HTTPS://IT.example"),
    ],
)  # fmt: skip
def test_a_contact_leads_to_the_web_or_nowhere(url: str, kept: str) -> None:
    (one,) = contacts(Desk(it=Contact(label=HOSTILE, phone="+61 (2) 5550", email="", url=url)))  # type: ignore[arg-type]
    assert one["url"] == kept
    assert one["dial"] == "+6125550"
    assert len(one["label"]) < 120


def test_whom_the_policy_names_is_on_the_page(visit: Visit) -> None:
    policy(more='[contacts.it]\nlabel = "IT <b>lead</b>"\nphone = "02 5550 1234"\nemail = "it@practice.example"\n')
    page = visit.get("/").text
    assert 'href="tel:0255501234"' in page
    assert "IT &lt;b&gt;lead&lt;/b&gt;" in page
    assert "mailto:it%40practice.example" in page or "mailto:it@practice.example" in page


def test_a_policy_that_is_refused_is_told(visit: Visit, home: Path) -> None:
    policy(("shared_use",))
    visit.get("/")
    policy(more="[checks.screen_lock\n")
    answer = visit.get("/")
    assert answer.status in (200, 503)
    assert "policy" in plain(answer.text)


def test_nothing_that_names_the_person_or_the_device_is_on_the_page(home: Path) -> None:
    left(report(laptop(), WELL))
    with visited() as visit:
        visit.open()
        for address in ("/", "/sent", "/consent"):
            assert str(home) not in visit.get(address).text


def test_the_first_answer_does_not_wait_for_devices(home: Path) -> None:
    left(report(laptop(), WELL))
    with visited() as visit:
        page = visit.open().get("/").text
    assert (looks(page), head(page)) == ("busy", "Looking for your devices")
    assert "When last checked: ready for your shift" in page
