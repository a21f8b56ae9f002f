"""gsettings: its answers, and the contexts in which it prints defaults with exit code 0."""

import pytest
from fakes import HOME, recorded_host
from hypothesis import given
from hypothesis import strategies as st

from agent.collect.host import CollectError, Output
from agent.collect.linux.gsettings import flag, number, parse, settings
from agent.collect.recorded import RecordedHost
from checks.evidence import Why

SCHEMA = "org.gnome.desktop.session"
COMMAND = f"gsettings list-recursively {SCHEMA}"
MODULE = "/usr/lib/x86_64-linux-gnu/gio/modules/libdconfsettings.so"
GOOD = f"{SCHEMA} idle-delay uint32 300\n{SCHEMA} session-name 'gnome'\n"


def answering(answer: str | Output | Why, environ: dict[str, str] | None = None, **more: str | Why) -> RecordedHost:
    """A host whose gsettings gives one answer; `more` are files."""
    return recorded_host(commands={COMMAND: answer}, files={MODULE: "", **more}, environ=environ)


def refusal(host: RecordedHost) -> Why:
    with pytest.raises(CollectError) as caught:
        settings(host, SCHEMA)
    return caught.value.why


def test_values_lose_their_type() -> None:
    assert settings(answering(GOOD), SCHEMA) == {"idle-delay": "300", "session-name": "'gnome'"}


@pytest.mark.parametrize(
    "environ",
    [
        {"GSETTINGS_BACKEND": "memory"}, {"GSETTINGS_BACKEND": "keyfile"}, {"GSETTINGS_BACKEND": ""},
        {"DCONF_PROFILE": "/tmp/p"}, {"GSETTINGS_SCHEMA_DIR": "/tmp/s"}, {"SNAP": "/snap/x/1"}, {"FLATPAK_ID": "a.b.c"},
    ],
)  # fmt: skip
def test_a_diverted_context_is_refused(environ: dict[str, str]) -> None:
    assert refusal(answering(GOOD, environ)) is Why.UNTRUSTED_CONTEXT


def test_the_dconf_backend_by_name_is_the_usual_one() -> None:
    assert settings(answering(GOOD, {"GSETTINGS_BACKEND": "dconf"}), SCHEMA)


def test_without_the_dconf_module_nothing_is_believed() -> None:
    assert refusal(recorded_host(commands={COMMAND: GOOD})) is Why.UNTRUSTED_CONTEXT


@pytest.mark.parametrize("why", [Why.NOT_PERMITTED, Why.UNREADABLE])
def test_a_database_that_cannot_be_read_means_defaults(why: Why) -> None:
    assert refusal(answering(GOOD, **{f"{HOME}/.config/dconf/user": why})) is Why.UNTRUSTED_CONTEXT
    moved = answering(GOOD, {"XDG_CONFIG_HOME": "/x"}, **{"/x/dconf/user": why})
    assert refusal(moved) is Why.UNTRUSTED_CONTEXT


def test_a_binary_database_is_as_it_should_be() -> None:
    assert settings(answering(GOOD, **{f"{HOME}/.config/dconf/user": Why.UNPARSABLE}), SCHEMA)


def test_a_warning_beside_exit_code_0_comes_with_defaults() -> None:
    said = "dconf-WARNING **: unable to open named profile (/p): using the null configuration.\n"
    assert refusal(answering(Output(exit_code=0, stdout=GOOD, stderr=said))) is Why.UNTRUSTED_CONTEXT


@pytest.mark.parametrize("quotes", ["“{}”", "?{}?", "'{}'"])
def test_a_missing_schema_is_an_answer(quotes: str) -> None:
    said = f"No such schema {quotes.format(SCHEMA)}\n"
    assert refusal(answering(Output(exit_code=1, stdout="", stderr=said))) is Why.NOT_FOUND


@pytest.mark.parametrize("said", ["", "Kein derartiges Schema »x«", "Segmentation fault"])
def test_any_other_failure_is_a_failure(said: str) -> None:
    assert refusal(answering(Output(exit_code=1, stdout=GOOD, stderr=said))) is Why.TOOL_FAILED


@pytest.mark.parametrize("why", [Why.TOOL_MISSING, Why.TIMED_OUT, Why.TOO_LARGE])
def test_the_doors_reasons_come_through(why: Why) -> None:
    assert refusal(answering(why)) is why


@pytest.mark.parametrize("text", ["", "\n", "garbled", "org.other key 1\n", f"{SCHEMA} idle-delay\n", f"{GOOD}\n\n"])
def test_another_shape_is_not_understood(text: str) -> None:
    with pytest.raises(CollectError) as caught:
        parse(text, SCHEMA)
    assert caught.value.why is Why.UNPARSABLE


def test_a_line_separator_within_a_value_is_part_of_it() -> None:
    assert parse(f"{SCHEMA} session-name 'a\x85b\u2028c'\n", SCHEMA) == {"session-name": "'a\x85b\u2028c'"}


@pytest.mark.parametrize("value", ["True", "1", "", "yes", "'true'", "@b true"])
def test_only_true_and_false_are_flags(value: str) -> None:
    with pytest.raises(CollectError):
        flag({"key": value}, "key")


@pytest.mark.parametrize("value", ["", "1.5", "0x10", "٣", "1000000000", "1 ", "-"])
def test_only_short_whole_numbers_are_numbers(value: str) -> None:
    with pytest.raises(CollectError):
        number({"key": value}, "key")


def test_missing_keys_are_not_defaults() -> None:
    assert (flag({"key": "false"}, "key"), number({"key": "-7"}, "key")) == (False, -7)
    with pytest.raises(CollectError):
        flag({}, "key")
    with pytest.raises(CollectError):
        number({}, "key")


@given(st.text())
def test_any_text_is_values_or_an_error(text: str) -> None:
    try:
        why = None if parse(text, SCHEMA) else "nothing"
    except CollectError as error:
        why = error.why
    assert why in {None, Why.UNPARSABLE}
