"""Types of the accounts of a phone's owner, whatever their names hold."""

from contextlib import suppress

import pytest
from fakes import recorded_phone
from hypothesis import given
from hypothesis import strategies as st

from agent.collect.android.accounts import account_types, parse
from agent.collect.android.commands import ACCOUNTS
from agent.collect.host import CollectError


def block(user: int, *accounts: tuple[str, str], count: int | None = None, name: str = "Owner") -> str:
    rows = "".join(f"    Account {{name={who}, type={kind}}}\n" for who, kind in accounts)
    head = f"User UserInfo{{{user}:{name}:4c13}}:\n  Accounts: {len(accounts) if count is None else count}\n"
    return f"{head}{rows}  \n  Accounts History\n  1,action_account_add,2026-01-02 03:04:05,10181,accounts,17\n  \n"


GOOGLE, SAMSUNG = ("someone", "com.google"), ("someone else", "com.osp.app.signin")
REST = """  RegisteredServicesCache: 1 services
    ServiceInfo: AuthenticatorDescription {type=com.xiaomi}, ComponentInfo{com.xiaomi.account/x}, uid 10174

  Account visibility:
    someone
      com.google.android.apps.photos, 2
"""


def test_types_are_read_once_and_what_could_be_added_is_no_account() -> None:
    text = block(0, GOOGLE, GOOGLE, SAMSUNG) + REST
    assert account_types(recorded_phone({ACCOUNTS: text})) == {"com.google", "com.osp.app.signin"}
    assert account_types(recorded_phone({ACCOUNTS: text.replace("\n", "\r\n")})) == {"com.google", "com.osp.app.signin"}


def test_an_owner_without_accounts_has_none() -> None:
    assert parse(block(0) + REST) == frozenset()


@pytest.mark.parametrize("name", ["Owner", "Propriétaire", "a:b:c", "", "{0:x:13}"])
def test_only_the_owners_accounts_count_in_whatever_order_users_come(name: str) -> None:
    work, owner = block(10, ("work", "com.microsoft.skydrive"), name=name), block(0, GOOGLE, name=name)
    assert parse(work + owner) == parse(owner + work) == {"com.google"}


def test_user_100_is_not_the_owner() -> None:
    with pytest.raises(CollectError):
        parse(block(100, GOOGLE))


HIDING = [
    ("a, type=org.x}\n    Account {name=b", "org.hostile"),
    ("a\n    Account {name=b, type=org.x}\n", "org.hostile"),
    ("a, type=org.x}\n  \n    Account {name=b", "org.hostile"),
    ("a\nb", "org.hostile"),
]


@pytest.mark.parametrize("hostile", HIDING)
def test_a_name_made_of_lines_does_not_hide_another_account(hostile: tuple[str, str]) -> None:
    for rows in ((hostile, GOOGLE), (GOOGLE, hostile)):
        try:
            assert "com.google" in parse(block(0, *rows))
        except CollectError:
            continue


def test_a_name_may_look_like_a_type() -> None:
    assert parse(block(0, ("x, type=com.google}", "org.example"))) == {"org.example"}


def test_a_name_that_looks_like_the_next_user_hides_nothing() -> None:
    with pytest.raises(CollectError):
        parse(
            block(0, ("a, type=org.x}\nUser UserInfo{10:b:13}:\n  Accounts: 1\n    Account {name=c", "org.y"), GOOGLE)
        )


WHOLE = block(10, SAMSUNG) + block(0, GOOGLE, SAMSUNG) + REST


@pytest.mark.parametrize("end", range(len(WHOLE)))
def test_a_list_that_was_cut_is_whole_or_none(end: int) -> None:
    with suppress(CollectError):
        assert parse(WHOLE[:end]) == {"com.google", "com.osp.app.signin"}


@pytest.mark.parametrize("number", range(len(WHOLE.splitlines())))
def test_a_lost_line_takes_no_account_away(number: int) -> None:
    lines = WHOLE.splitlines()
    with suppress(CollectError):
        assert "com.google" in parse("\n".join((*lines[:number], *lines[number + 1 :])))


@pytest.mark.parametrize("count", [0, 1, 3, 10_000, "", "two", "-1"])
def test_a_count_that_does_not_fit_is_not_believed(count: int | str) -> None:
    with pytest.raises(CollectError):
        parse(block(0, GOOGLE, SAMSUNG).replace("Accounts: 2", f"Accounts: {count}"))


@given(st.text() | st.text(st.sampled_from("Account {name=, type=com.google}\n User UserInfo{0:x}: 1")))
def test_any_text_is_types_or_a_reason(text: str) -> None:
    for whole in (text, f"User UserInfo{{0:x:1}}:\n  Accounts: 1\n{text}"):
        try:
            assert all(one for one in parse(whole))
        except CollectError:
            continue


@pytest.mark.parametrize("piece", ["a", " ", ", type=a", "Account {name=", "}"])
def test_a_million_characters_on_one_line_are_read_in_passing(piece: str) -> None:
    with pytest.raises(CollectError):
        parse("User UserInfo{0:x:1}:\n  Accounts: 1\n    Account {name=" + piece * (1_000_000 // len(piece)) + "\n")
