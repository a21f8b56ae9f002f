"""The judge of remote wipe, branch by branch."""

import pytest

from checks.evidence import Gap, Why
from checks.guidance import guidance, said, steps
from checks.model import LAPTOPS, PHONES, Platform, Severity, Status
from checks.remote_wipe.check import CHECK, Limits, Reason, Wipe, judge
from checks.remote_wipe.fact import Enrolment, Lack, Product, Reach, RemoteWipe
from checks.remote_wipe.products import LACKS, NAMES, NO_WIPE, may_wipe

FLEET = Enrolment(product=Product.FLEET, enrolled=True, running=True)
INTUNE = Enrolment(product=Product.INTUNE, enrolled=True, running=True)
ACCEPTED = Limits(accepted=(Product.FLEET, Product.INTUNE))


def seen(*enrolments: Enrolment, gaps: tuple[Gap, ...] = (), platform: Platform = Platform.LINUX) -> RemoteWipe:
    return RemoteWipe(platform=platform, enrolments=enrolments, gaps=gaps)


def of(product: Product, enrolled: bool | None, running: bool | None = None) -> Enrolment:
    return Enrolment(product=product, enrolled=enrolled, running=running)


TABLE = [
    ("nothing", seen(), Limits(), Status.FAIL, ["nothing_found"]),
    ("cannot wipe", seen(INTUNE), Limits(), Status.FAIL, ["cannot_wipe"]),
    ("cannot wipe, whatever the policy says", seen(INTUNE), ACCEPTED, Status.FAIL, ["cannot_wipe"]),
    ("may wipe", seen(FLEET), Limits(), Status.UNKNOWN, ["wipe_not_confirmed"]),
    ("accepted", seen(FLEET), ACCEPTED, Status.PASS, ["accepted"]),
    ("accepted beside one that cannot", seen(INTUNE, FLEET), ACCEPTED, Status.PASS, ["accepted"]),
    ("another is accepted", seen(FLEET), Limits(accepted=(Product.PREY,)), Status.UNKNOWN, ["wipe_not_confirmed"]),
    ("may wipe beside one that cannot", seen(INTUNE, FLEET), Limits(), Status.UNKNOWN, ["wipe_not_confirmed"]),
    ("stopped", seen(of(Product.FLEET, True, False)), ACCEPTED, Status.UNKNOWN, ["client_not_running"]),
    ("running not seen", seen(of(Product.FLEET, True)), ACCEPTED, Status.UNKNOWN, ["enrolment_not_seen"]),
    ("not enrolled", seen(of(Product.FLEET, False, True)), ACCEPTED, Status.FAIL, ["not_enrolled"]),
    ("not seen", seen(of(Product.FLEET, None, True)), ACCEPTED, Status.UNKNOWN, ["enrolment_not_seen"]),
    ("hidden, but without a wipe", seen(of(Product.INTUNE, None)), Limits(), Status.FAIL, ["nothing_found"]),
    ("both", seen(INTUNE, of(Product.PREY, False)), Limits(), Status.FAIL, ["cannot_wipe", "not_enrolled"]),
    ("a gap of no product", seen(gaps=(Gap(part="profiles", why=Why.NOT_SAID),)), Limits(), Status.UNKNOWN,
     ["enrolment_not_seen"]),
    ("a product's gap alone", seen(gaps=(Gap(part="intune", why=Why.NOT_SAID),)), Limits(), Status.FAIL,
     ["nothing_found"]),
    ("accepted in spite of a gap", seen(FLEET, gaps=(Gap(part="profiles", why=Why.NOT_SAID),)), ACCEPTED, Status.PASS,
     ["accepted"]),
]  # fmt: skip


@pytest.mark.parametrize(("fact", "limits", "status", "reasons"), [row[1:] for row in TABLE], ids=[r[0] for r in TABLE])
def test_judge_says(fact: RemoteWipe, limits: Limits, status: Status, reasons: list[str]) -> None:
    verdict = judge(fact, limits)
    assert verdict.status is status
    assert [point.reason for point in verdict.points] == reasons


@pytest.mark.parametrize(
    ("fact", "limits", "wipe", "enrolled_with"),
    [
        (seen(), Limits(), Wipe.NONE, ()),
        (seen(INTUNE, of(Product.PREY, False)), Limits(), Wipe.NONE, (Product.INTUNE,)),
        (seen(FLEET, of(Product.PREY, None)), Limits(), Wipe.POSSIBLE, (Product.FLEET,)),
        (seen(INTUNE, FLEET), ACCEPTED, Wipe.ACCEPTED, (Product.INTUNE, Product.FLEET)),
    ],
)
def test_only_products_and_how_far_a_wipe_is_in_sight_are_shared(
    fact: RemoteWipe, limits: Limits, wipe: Wipe, enrolled_with: tuple[Product, ...]
) -> None:
    assert judge(fact, limits).measures == {"enrolled_with": enrolled_with, "wipe": wipe}


def test_nothing_is_accepted_unless_the_practice_says_so() -> None:
    assert Limits().accepted == ()


def test_a_policy_names_products_as_plain_words() -> None:
    assert judge(seen(FLEET), Limits(accepted=("fleet",))).status is Status.PASS  # type: ignore[arg-type]


def test_the_reason_of_a_gap_is_told_to_the_practice_and_the_person() -> None:
    hidden = seen(of(Product.JUMPCLOUD, None), gaps=(Gap(part="jumpcloud", why=Why.NOT_PERMITTED, detail="secret"),))
    (point,) = judge(hidden, Limits()).points
    assert point.because == "enrolment with JumpCloud not seen: access to it was refused"
    assert point.exact == {"product": "JumpCloud", "why": Why.NOT_PERMITTED}


def test_a_hidden_product_without_a_gap_is_one_that_the_system_does_not_tell() -> None:
    (point,) = judge(seen(of(Product.PREY, None)), Limits()).points
    assert point.because == "enrolment with Prey not seen: the system does not say"


SENTENCES = [
    (seen(), Limits(), "no enrolment found that could wipe this device", {}),
    (seen(FLEET), ACCEPTED, "enrolled with a product that the practice accepts for remote wipe", {"product": "Fleet"}),
    (seen(FLEET), Limits(), "enrolled with Fleet; the policy does not name it as able to wipe",
     {"product": "Fleet", "id": "fleet"}),
    (seen(of(Product.PREY, True, False)), Limits(), "enrolled with Prey, whose client does not run",
     {"product": "Prey", "id": "prey"}),
    (seen(INTUNE), Limits(), "enrolled with Microsoft Intune, which cannot wipe such a device",
     {"product": "Microsoft Intune", "id": "intune"}),
    (seen(of(Product.PREY, False)), Limits(), "Prey is installed and the device is not enrolled with it",
     {"product": "Prey", "id": "prey"}),
    (seen(gaps=(Gap(part="x", why=Why.NOT_SAID),)), Limits(),
     "enrolment with a management product not seen: the system does not say",
     {"product": "a management product", "why": Why.NOT_SAID}),
]  # fmt: skip


@pytest.mark.parametrize(("fact", "limits", "because", "exact"), SENTENCES)
def test_the_practice_reads(fact: RemoteWipe, limits: Limits, because: str, exact: dict[str, str]) -> None:
    (point,) = judge(fact, limits).points
    assert (point.because, point.exact) == (because, exact)


def test_intune_may_wipe_windows_and_not_linux() -> None:
    windows = seen(INTUNE, platform=Platform.WINDOWS)
    assert judge(windows, ACCEPTED).status is Status.PASS
    assert judge(windows, Limits()).status is Status.UNKNOWN


@pytest.mark.parametrize(
    ("platform", "without"),
    [
        (Platform.LINUX, {"intune", "entra", "landscape"}),
        (Platform.WINDOWS, {"entra", "windows_find_my_device"}),
        (Platform.MACOS, set()),
        (Platform.ANDROID, {"entra", "jamf", "landscape", "family_link", "privilege_app"}),
    ],
)
def test_products_without_a_wipe(platform: Platform, without: set[str]) -> None:
    assert {product for product in Product if not may_wipe(platform, product)} == without


def test_every_product_has_its_name() -> None:
    assert set(NAMES) == set(Product)
    assert len(set(NAMES.values())) == len(NAMES)
    assert set(LACKS) == set(Lack)
    assert set(NO_WIPE) <= set(Platform)


def test_what_the_check_declares() -> None:
    assert (CHECK.id, CHECK.severity, CHECK.requirements) == ("remote_wipe", Severity.HIGH, ("R3",))
    assert CHECK.platforms == LAPTOPS | PHONES
    assert CHECK.reasons is Reason
    assert CHECK.title == "Enrolled so that it can be wiped if lost"
    assert CHECK.controls == ("CIS-Controls-v8:4.11",)
    assert CHECK.measures == {"enrolled_with": Product, "wipe": Wipe}


def test_words_that_travel_stay_as_they_are() -> None:
    assert [str(one) for one in Wipe] == ["accepted", "possible", "none"]


def on_a_phone(*enrolments: Enrolment, gaps: tuple[Gap, ...] = ()) -> RemoteWipe:
    return seen(*enrolments, gaps=gaps, platform=Platform.ANDROID)


def held(product: Product, reach: Reach | None = Reach.DEVICE) -> Enrolment:
    return Enrolment(product=product, enrolled=True, running=True, reach=reach)


def hub(enrolled: bool | None = None, lack: Lack | None = None) -> Enrolment:
    product, running = Product.GOOGLE_FIND_HUB, True if enrolled else None
    return Enrolment(product=product, enrolled=enrolled, running=running, finder=True, lack=lack)


EVERYTHING = Limits(accepted=tuple(Product))
HIDDEN = (Gap(part="google_find_hub", why=Why.TIMED_OUT),)
SOTI, OTHER, LINK = Product.SOTI, Product.OTHER, Product.FAMILY_LINK
NO_ACCOUNT = hub(False, Lack.ACCOUNT)
PHONE_TABLE = [
    ("owner, accepted", on_a_phone(held(SOTI)), EVERYTHING, Status.PASS, ["accepted"]),
    ("owner", on_a_phone(held(SOTI)), Limits(), Status.UNKNOWN, ["wipe_not_confirmed"]),
    ("an owner without a name", on_a_phone(held(OTHER)), EVERYTHING, Status.UNKNOWN, ["wipe_not_confirmed"]),
    ("power hidden", on_a_phone(held(SOTI, None)), EVERYTHING, Status.UNKNOWN, ["power_not_seen"]),
    ("profile", on_a_phone(held(SOTI, Reach.PROFILE)), EVERYTHING, Status.FAIL, ["profile_only"]),
    ("no power", on_a_phone(held(SOTI, Reach.NOTHING)), EVERYTHING, Status.FAIL, ["cannot_wipe"]),
    ("supervised", on_a_phone(held(LINK)), EVERYTHING, Status.FAIL, ["cannot_wipe"]),
    ("a profile of nobody", on_a_phone(held(LINK, Reach.PROFILE)), EVERYTHING, Status.FAIL, ["cannot_wipe"]),
    ("finder", on_a_phone(hub()), EVERYTHING, Status.UNKNOWN, ["finder_not_confirmed"]),
    ("finder armed", on_a_phone(hub(True)), Limits(), Status.UNKNOWN, ["finder_on"]),
    ("finder armed, accepted", on_a_phone(hub(True)), EVERYTHING, Status.PASS, ["accepted"]),
    ("finder hidden", on_a_phone(hub(), gaps=HIDDEN), EVERYTHING, Status.UNKNOWN, ["enrolment_not_seen"]),
    ("finder lacking", on_a_phone(NO_ACCOUNT), EVERYTHING, Status.FAIL, ["finder_cannot_work"]),
    ("finder lacking beside a profile", on_a_phone(held(SOTI, Reach.PROFILE), NO_ACCOUNT), EVERYTHING, Status.FAIL,
     ["profile_only", "finder_cannot_work"]),
    ("finder beside a profile", on_a_phone(held(SOTI, Reach.PROFILE), hub()), EVERYTHING, Status.UNKNOWN,
     ["finder_not_confirmed", "profile_only"]),
    ("owner beside a finder", on_a_phone(held(SOTI), hub()), EVERYTHING, Status.PASS, ["accepted"]),
    ("agent idle", on_a_phone(of(Product.INTUNE, False), NO_ACCOUNT), EVERYTHING, Status.FAIL,
     ["not_enrolled", "finder_cannot_work"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("fact", "limits", "status", "reasons"), [row[1:] for row in PHONE_TABLE], ids=[row[0] for row in PHONE_TABLE]
)
def test_judge_says_of_a_phone(fact: RemoteWipe, limits: Limits, status: Status, reasons: list[str]) -> None:
    verdict = judge(fact, limits)
    assert verdict.status is status
    assert [point.reason for point in verdict.points] == reasons


FIND = {"product": "Find Hub", "id": "google_find_hub"}
PHONE_SENTENCES = [
    (hub(), "Find Hub could be on; only the person can look it up", FIND),
    (hub(True), "Find Hub is on; the policy does not name it as able to wipe", FIND),
    (hub(False, Lack.LOCATION), "Find Hub cannot work: location is switched off",
     {"product": "Find Hub", "lacking": "location is switched off", "lack": "location_off"}),
    (held(SOTI, None), "enrolled with SOTI MobiControl; whether it may wipe the device was not seen",
     {"product": "SOTI MobiControl", "id": "soti"}),
    (held(SOTI, Reach.PROFILE), "enrolled with SOTI MobiControl, which can wipe its own profile only",
     {"product": "SOTI MobiControl", "id": "soti"}),
]  # fmt: skip


@pytest.mark.parametrize(("one", "because", "exact"), PHONE_SENTENCES)
def test_the_practice_reads_of_a_phone(one: Enrolment, because: str, exact: dict[str, str]) -> None:
    (point,) = judge(on_a_phone(one), Limits()).points
    assert (point.because, point.exact) == (because, exact)


@pytest.mark.parametrize("lack", Lack)
def test_the_person_reads_what_a_finder_lacks_and_how_to_mend_that(lack: Lack) -> None:
    (point,) = judge(on_a_phone(hub(False, lack)), Limits()).points
    assert said("remote_wipe", point.reason, point.exact) == f"Find Hub can't wipe this device: {LACKS[lack]}."
    assert lack in guidance("remote_wipe").reasons["finder_cannot_work"].steps


def test_each_finder_is_looked_up_where_its_maker_keeps_it() -> None:
    finders = [one for one in Product if "find" in one and one not in ("apple_find_my", "windows_find_my_device")]
    paths = {steps("remote_wipe", "finder_not_confirmed", (one,), {}) for one in finders}
    assert len(paths) == len(finders) == 7
    assert () not in paths


def test_reaching_the_whole_device_is_what_laptops_mean() -> None:
    assert (FLEET.reach, FLEET.finder, FLEET.lack) == (Reach.DEVICE, False, None)
