"""A policy file is read whole or refused with every fault's file, line and key."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from policy_example import CHECKS, header, layer

from checks.policy_file import LARGEST_BYTES, MOST_FAULTS, Contact, Fault, Layer, PolicyError, Setting, read_layer
from checks.policy_form import LayerName
from checks.policy_shape import Flaw


def faults(raw: str | bytes, file: str = "p.toml") -> list[str]:
    with pytest.raises(PolicyError) as caught:
        read_layer(raw.encode() if isinstance(raw, str) else raw, file=file, checks=CHECKS)
    assert str(caught.value) == "\n".join(map(str, caught.value.faults))
    return [str(one) for one in caught.value.faults]


def first(raw: str | bytes) -> tuple[Flaw, int, str, str, str]:
    with pytest.raises(PolicyError) as caught:
        read_layer(raw.encode() if isinstance(raw, str) else raw, file="p.toml", checks=CHECKS)
    one = caught.value.faults[0]
    return one.flaw, one.line, one.key, one.expected, one.found


def test_a_whole_policy_becomes_a_layer():
    read = layer("""[contacts.it]
label = "Practice IT"
phone = "02 5550 1234"
[contacts.privacy]
label = "Privacy officer"
email = "privacy@practice.example"
url = "https://practice.example/privacy"
[grace]
days = 3
[apps]
reason = "they encrypt"
approved = ["com.example.a", "b"]
""")
    assert (read.name, read.id, read.version, read.title) == (
        LayerName.PRACTICE,
        "the-practice",
        "7",
        "Example Practice",
    )
    assert read.file == "practice.toml"
    assert read.contacts == {
        "it": Contact(label="Practice IT", phone="02 5550 1234", email="", url=""),
        "privacy": Contact(
            label="Privacy officer",
            phone="",
            email="privacy@practice.example",
            url="https://practice.example/privacy",
        ),
    }
    assert read.settings == {
        ("grace", "days"): Setting(value=3, line=14, reason=""),
        ("apps", "approved"): Setting(value=("com.example.a", "b"), line=17, reason="they encrypt"),
    }


def test_the_reason_of_its_own_table_goes_with_a_value():
    read = layer("""[profiles.personal]
reason = "own devices"
capture = false
[profiles.personal.checks.screen_lock]
level = "off"
[profiles.personal.checks.users]
level = "off"
reason = "one person each"
[checks.users]
level = "required"
""")
    assert {".".join(path): (one.line, one.reason) for path, one in read.settings.items()} == {
        "profiles.personal.capture": (8, "own devices"),
        "profiles.personal.checks.screen_lock.level": (10, ""),
        "profiles.personal.checks.users.level": (12, "one person each"),
        "checks.users.level": (15, ""),
    }


def test_a_contact_reads_as_one_line():
    assert str(Contact(label="IT", phone="1", email="a@b", url="https://c")) == "IT: 1, a@b, https://c"
    assert str(Contact(label="IT", phone="", email="", url="")) == "IT"


def test_each_limit_of_a_check_can_be_set():
    read = layer(
        "[checks.screen_lock]\nmax_idle_s = 30\nmost = 0\non_resume = false\nword = 'w'\napps = []\nauthority = 'mdm'\n"
    )
    assert [one.value for one in read.settings.values()] == [30, 0, False, "w", (), "mdm"]


def test_byte_order_mark_and_windows_line_ends_are_read():
    text = "\ufeff" + header().replace("\n", "\r\n") + "[grace]\r\ndays = 4\r\n"
    read = read_layer(text.encode(), file="p.toml", checks=CHECKS)
    assert read.settings == {("grace", "days"): Setting(value=4, line=7, reason="")}


def test_the_digest_follows_the_meaning_and_not_the_layout():
    one, same, other = layer("[grace]\ndays=1"), layer("# why\n[grace]\n  days = 1\n"), layer("[grace]\ndays=2")
    assert one.digest == same.digest != other.digest
    orders = ("[grace]\ndays=1\nreason='r'", "[grace]\nreason='r'\ndays=1")
    assert len({layer(text).digest for text in orders}) == 1


def test_all_faults_are_gathered_in_the_order_of_the_file():
    text = header() + '[grace]\ndays = true\n[checks.screen-lock]\nlevel = "off"\n[checks.users]\nlevel = "must"\n'
    assert faults(text + "[apps]\napproved = ['ok', 5]\n") == [
        "p.toml:7: grace.days: expected a whole number from 0 to 90, found true",
        'p.toml:8: checks.screen-lock: expected a known key (did you mean "screen_lock"?), found an unknown key',
        'p.toml:11: checks.users.level: expected one of required, recommended, off, found the text "must"',
        "p.toml:13: apps.approved[1]: expected an app's identifier, without blanks, in quotes, found 5",
    ]


def test_faults_of_one_line_are_in_the_order_of_their_keys():
    found = faults(header() + "[checks.users]\nb = 1\n[checks]\nusers2 = {}\n" + "schedule = {}\n")
    assert [one.split(":")[1] for one in found] == ["7", "9", "10"]
    assert [one.split(": ")[1] for one in faults("layer='practice'")] == ["id", "name", "schema", "version"]


def test_a_missing_key_stands_at_its_table_and_at_the_first_line_for_the_file():
    assert faults(header().replace('name = "Example Practice"\n', "")) == [
        'p.toml:1: name: expected the key "name", found nothing of that name'
    ]
    assert first(header() + "\n[contacts.it]\nphone = '1'\n")[:3] == (Flaw.MISSING_KEY, 7, "contacts.it.label")
    assert first(header() + "[contacts]\n[contacts.it]\nphone = '1'\n")[1] == 7


def test_a_fault_of_the_whole_file_names_no_key():
    assert faults(b"\xff") == ["p.toml:1: expected text in UTF-8, found other bytes"]


def test_what_is_in_an_inline_table_stands_at_its_line():
    assert first(header() + "\nchecks = { users = { level = 5 } }")[:3] == (Flaw.WRONG_TYPE, 7, "checks.users.level")


def test_faults_are_bounded():
    text = header() + "".join(f"k{number} = 1\n" for number in range(MOST_FAULTS + 20))
    assert len(faults(text)) == MOST_FAULTS == 50


@pytest.mark.parametrize(
    ("text", "line", "found"),
    [
        (header() + "[grace]\ndays = \n", 7, "the fault: Invalid value"),
        (header() + "[grace]\n[grace]\n", 7, "the fault: Cannot declare ('grace',) twice"),
        (header() + "id = 'again'\n", 6, "the fault: Cannot overwrite a value"),
        (header() + "a = [\n1,\n", 8, "the fault: Invalid value"),
        (header() + "[grace", 6, "the fault: Expected ']' at the end of a table declaration"),
        (header() + "a = '\x1b'\n", 6, "the fault: Found invalid character '\\x1b'"),
    ],
)
def test_what_is_no_toml_is_refused_with_its_line(text, line, found):
    assert first(text) == (Flaw.SYNTAX, line, "", "valid TOML", found)


@pytest.mark.parametrize(
    ("raw", "line"),
    [(b"\xff\xfe", 1), (b"a = 1\nb = '\xe9'\n", 2), ('schema = "x"'.encode("utf-16"), 1), (b"\n\n\x80", 3)],
)
def test_what_is_no_text_is_refused(raw, line):
    assert first(raw) == (Flaw.NOT_TEXT, line, "", "text in UTF-8", "other bytes")


def test_size_is_limited_to_the_byte():
    text = header().encode()
    at_limit = text + b"#" * (LARGEST_BYTES - len(text))
    assert isinstance(read_layer(at_limit, file="p", checks=CHECKS), Layer)
    assert LARGEST_BYTES == 262_144
    assert first(at_limit + b"#") == (Flaw.TOO_LARGE, 1, "", "at most 256 KiB", "more")


@pytest.mark.parametrize("text", ["a = " + "[" * 50_000, "a" + ".a" * 50_000 + " = 1", "a = {a = " * 9])
def test_what_nests_too_deep_is_refused_before_it_is_read(text):
    assert first("\n" + text) == (Flaw.BEYOND, 2, "", "tables, lists and keys at most 8 deep", "more")


def test_a_number_that_python_cannot_read_is_refused_with_its_line():
    expected = "names and numbers of at most 100 characters"
    assert first(header() + "[grace]\ndays = " + "9" * 5000) == (Flaw.BEYOND, 7, "", expected, "more")


def test_a_number_too_large_to_be_written_is_said_so():
    assert first(header() + "[grace]\ndays = 0x" + "f" * 90)[4] == "a very large number"


def test_a_date_where_text_is_expected_is_named():
    assert first(header().replace('"7"', "2026-11-21"))[3:] == (
        'letters, digits, dots and hyphens, such as "7" or "2026-11-21", in quotes',
        "a date or time without quotes",
    )
    assert first(header() + "[schedule]\naudit_at = [07:00:00]")[2:4] == (
        "schedule.audit_at[0]",
        'a time of day such as "07:00", in quotes',
    )


def test_another_schema_is_refused():
    assert first(header().replace("policy/1", "policy/2")) == (
        Flaw.NOT_ALLOWED, 1, "schema", '"scrubin/policy/1"', 'the text "scrubin/policy/2"',
    )  # fmt: skip


@pytest.mark.parametrize("good", ["00:00", "09:59", "19:00", "23:59"])
def test_times_of_day_are_taken(good):
    assert layer(f'[schedule]\naudit_at = ["{good}"]').settings[("schedule", "audit_at")].value == (good,)


@pytest.mark.parametrize("bad", ["24:00", "7:00", "12:60", "noon", "07:00\\n", "107:00"])
def test_what_is_no_time_of_day_is_refused(bad):
    assert first(header() + f'[schedule]\naudit_at = ["{bad}"]')[2] == "schedule.audit_at[0]"


@pytest.mark.parametrize(
    ("key", "good", "bad"),
    [
        ("id", ["a", "a-1", "1", "a" * 40], ["", "A", "-a", "a_b", "é", "a" * 41]),
        ("version", ["1", "2026-11-21", "1.0", "A" * 24], ["", "v 1", "-1", ".1", "1+2", "A" * 25]),
        ("name", ["x" * 80, "St Elsewhere's"], ["", " ", "x" * 81, "a\\u001b[2J", "a\\u202eb", "a\\nb"]),
    ],
)
def test_names_of_a_policy_have_a_safe_form(key, good, bad):
    lines = {"id": '"the-practice"', "version": '"7"', "name": '"Example Practice"'}
    for value in good:
        text = header().replace(f"{key} = {lines[key]}", f'{key} = "{value}"')
        assert isinstance(read_layer(text.encode(), file="p", checks=CHECKS), Layer)
    for value in bad:
        assert first(header().replace(f"{key} = {lines[key]}", f'{key} = "{value}"'))[2] == key


@pytest.mark.parametrize(
    ("entry", "key"),
    [
        ("[contacts.It]\nlabel = 'x'", "contacts.It"),
        ("[contacts.1t]\nlabel = 'x'", "contacts.1t"),
        ("[contacts.it]\nlabel = 'x'\nurl = 'javascript:alert(1)'", "contacts.it.url"),
        ("[contacts.it]\nlabel = 'x'\nurl = 'http://a.example'", "contacts.it.url"),
        ("[contacts.it]\nlabel = 'x'\nurl = 'https://a.example/\"><b>'", "contacts.it.url"),
        ("[contacts.it]\nlabel = 'x'\nemail = 'nobody'", "contacts.it.email"),
        ("[contacts.it]\nlabel = 'x'\nemail = 'a@b c'", "contacts.it.email"),
        ("[apps]\napproved = ['a b']", "apps.approved[0]"),
        ("[apps]\napproved = ['.a']", "apps.approved[0]"),
        ("[profiles.personal]\nallow_hours = 5", "profiles.personal.allow_hours"),
        ("[profiles.mine]\ncapture = true", "profiles.mine"),
        ("[checks.users]\nmax_idle_s = 5", "checks.users.max_idle_s"),
    ],
)
def test_what_could_mislead_is_refused(entry, key):
    assert first(header() + entry)[2] == key


def test_hostile_names_are_shown_escaped():
    found = faults(header() + '"\\u001b[2J" = 1\n', file="\x1b[31mp.toml")[0]
    assert found.startswith('\\x1b[31mp.toml:6: "\\x1b[2J": expected one of schema')
    assert found.isprintable()


def only_refused(raw: bytes) -> None:
    found: tuple[Fault, ...] = ()
    try:
        read_layer(raw, file="p", checks=CHECKS)
    except PolicyError as error:
        found = error.faults
        assert found, error  # noqa: PT017 - whether it is refused is for the bytes to say
    assert all(one.line >= 1 and one.expected and one.found and str(one).isprintable() for one in found)


@given(st.binary(max_size=300))
@example(b'a = "\\ud800"')
@example(b"a = 2026-02-31")
@example(b"a = 0o9")
def test_any_bytes_are_a_layer_or_refused(raw):
    only_refused(raw)


PIECES = [
    "[",
    "]",
    "{",
    "}",
    "=",
    ".",
    ",",
    "\n",
    "\r",
    "\r\n",
    '"',
    "'",
    '"""',
    "'''",
    "\\",
    "#",
    " ",
    "checks",
    "level",
]
PIECES += [
    "users",
    '"off"',
    "true",
    "1",
    "1e999",
    "nan",
    "07:00:00",
    "2026-01-01",
    "[[",
    "]]",
    "grace",
    "days",
    "\x00",
    "é",
]


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join), st.booleans())
def test_any_text_near_toml_is_a_layer_or_refused(text, headed):
    only_refused(((header() if headed else "") + text).encode())
