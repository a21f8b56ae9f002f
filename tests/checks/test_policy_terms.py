"""What a policy says of the clinician's own page."""

from datetime import time

import pytest
from policy_example import CHECKS, header, layer

from checks.policy import Policy, compose
from checks.policy_file import PolicyError, read_layer
from checks.policy_terms import BeforeShift, RecordKind, RecordSystemTerms, ReviewTerms

PACS = '[record_system]\nkind = "dicomweb"\nname = "Practice PACS"\nurl = "https://pacs.example/dicom-web/"\n'
EHR = """[record_system]
kind = "fhir"
name = "Hospital record"
url = "https://ehr.example/fhir"
token_url = "https://id.example/token"
client_id = "ward-7"
reason = "R24"
"""


def policy(**bodies: str) -> Policy:
    return compose([layer(body, name) for name, body in bodies.items()], CHECKS)


def fault(body: str) -> str:
    with pytest.raises(PolicyError) as caught:
        read_layer((header() + body).encode(), file="p", checks=CHECKS)
    return str(caught.value.faults[0])


def test_a_policy_that_says_nothing_names_no_record_system_and_no_time():
    where = policy(practice="")
    assert (where.record_system, where.before_shift, where.review) == (None, None, ReviewTerms(sender_may_file=False))


def test_a_record_system_is_read_with_its_address_in_one_form():
    assert policy(practice=PACS).record_system == RecordSystemTerms(
        kind=RecordKind.DICOMWEB, name="Practice PACS", url="https://pacs.example/dicom-web"
    )


def test_two_layers_never_make_up_a_third_record_system():
    where = policy(hospital=PACS, practice=EHR)
    assert where.record_system == policy(practice=PACS).record_system
    assert policy(hospital="", practice=EHR).record_system == RecordSystemTerms(
        kind=RecordKind.FHIR, name="Hospital record", url="https://ehr.example/fhir",
        token_url="https://id.example/token", client_id="ward-7",
    )  # fmt: skip


@pytest.mark.parametrize("missing", ["kind", "name", "url"])
def test_a_record_system_that_can_not_be_asked_is_refused(missing):
    left = "\n".join(line for line in PACS.splitlines() if not line.startswith(missing))
    assert f'record_system.{missing}: expected the key "{missing}"' in fault(left)


@pytest.mark.parametrize("key", ["url", "token_url"])
@pytest.mark.parametrize(
    "address",
    [
        "http://pacs.example", "http://localhost.evil.example", "http://127.0.0.1@evil.example/", "ftp://pacs.example",
        "https://me:secret@pacs.example/", "https://pacs.example/?key=1", "https://pacs.example/#a", "https://", "",
        "https://pacs.example/a b", "https://pacs.example/\\u202e", "https://pacs.example:80:81", "javascript:1",
        "https://pacs.example/" + "a" * 200, "https://[::1", "https://-pacs", "https://p:65536", "https://p:0",
    ],
)  # fmt: skip
def test_an_address_that_is_not_safe_to_ask_is_refused(key, address):
    lines = [line for line in PACS.splitlines() if not line.startswith(key)]
    assert f"record_system.{key}: expected an address" in fault("\n".join([*lines, f'{key} = "{address}"']))


@pytest.mark.parametrize(
    "address",
    ["https://p", "https://10.0.0.2:8443/a/b%20c", "https://[fe80::1]:65535/x", "http://127.0.0.1:8042/dicom-web",
     "http://[::1]:1/", "http://localhost"],
)  # fmt: skip
def test_an_address_that_is_safe_to_ask_is_taken(address):
    made = PACS.replace("https://pacs.example/dicom-web/", address)
    assert policy(practice=made).record_system.url == address.rstrip("/")


def test_times_before_a_shift_stack_key_by_key():
    where = policy(
        hospital="[before_shift]\nminutes_before = 45\n",
        practice='[before_shift]\ntimes = ["15:00", "07:00", "15:00"]\nminutes_before = 5\n',
    )
    assert where.before_shift == BeforeShift(times=(time(7), time(15)), minutes_before=45)
    assert policy(practice="[before_shift]\ntimes = []\n").before_shift == BeforeShift(times=(), minutes_before=30)


@pytest.mark.parametrize("minutes", [-1, 241])
def test_minutes_before_a_shift_are_bounded(minutes):
    assert "from 0 to 240" in fault(f"[before_shift]\nminutes_before = {minutes}\n")


def test_the_senders_word_counts_where_the_highest_layer_says_so():
    yes, no = "[review]\nsender_may_file = true\n", "[review]\nsender_may_file = false\n"
    assert policy(practice=yes).review.sender_may_file
    assert not policy(hospital=no, practice=yes).review.sender_may_file
