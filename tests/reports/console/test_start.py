"""The first start: a folder, a key, a database, a practice, and one link for its administrator."""

import os
from pathlib import Path

import pytest
import sqlalchemy as sa
from clock import Clock

from reports.console import start
from reports.console.start import First, StartError
from reports.console.store.tables import links, people, practices


def opened(data: Path, clock: Clock | None = None) -> start.Console:
    console = start.open_console(data, database=None, clock=clock or Clock())
    start.ready(console)
    return console


def test_the_first_start_makes_all_that_is_needed(tmp_path: Path) -> None:
    console = opened(tmp_path / "new" / "console")
    link = start.first_link(console, First(practice="Example Practice", email="It@Practice.Example"))
    assert link is not None
    assert link.startswith("/first/")
    assert (tmp_path / "new" / "console").stat().st_mode & 0o777 == 0o700
    with console.store.read() as db:
        assert list(db.scalars(sa.select(practices.c.name))) == ["Example Practice"]
        assert list(db.scalars(sa.select(people.c.email))) == ["it@practice.example"]
    console.store.close()


def test_until_somebody_signed_in_each_start_gives_a_new_link_and_ends_the_old(tmp_path: Path) -> None:
    console = opened(tmp_path)
    first, second = (start.first_link(console, First()) for _ in range(2))
    assert first != second
    with console.store.read() as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(links).where(links.c.used_at.is_(None))) == 1
        assert db.scalar(sa.select(sa.func.count()).select_from(people)) == 1
    console.store.close()


def test_once_somebody_has_a_password_there_is_no_more_first_link(tmp_path: Path) -> None:
    console = opened(tmp_path)
    start.first_link(console, First())
    with console.store.write() as db:
        db.execute(people.update().values(password_hash="x"))
    assert start.first_link(console, First()) is None
    console.store.close()


@pytest.mark.parametrize(
    "first",
    [First(practice=" "), First(practice="x" * 121), First(practice="a\nb"), First(email="nobody"),
     First(email="a b@c"), First(timezone="Nowhere/Land"), First(timezone="../../etc/passwd")],
)  # fmt: skip
def test_what_was_mistyped_is_said_before_anything_is_made(tmp_path: Path, first: First) -> None:
    console = opened(tmp_path)
    with pytest.raises(StartError):
        start.first_link(console, first)
    with console.store.read() as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(practices)) == 0
    console.store.close()


def test_a_database_of_another_key_is_not_started(tmp_path: Path) -> None:
    console = opened(tmp_path)
    start.first_link(console, First())
    console.store.close()
    (tmp_path / "console.key").unlink()
    other = start.open_console(tmp_path, database=None, clock=Clock())
    with pytest.raises(StartError, match="not the one"):
        start.ready(other)
    other.store.close()


def test_a_folder_that_can_not_be_used_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StartError, match="folder can't be used"):
        start.open_console(tmp_path / "file" / "console", database=None, clock=Clock())


def test_a_key_open_to_others_stops_the_start(tmp_path: Path) -> None:
    opened(tmp_path).store.close()
    os.chmod(tmp_path / "console.key", 0o640)
    with pytest.raises(StartError, match="other accounts"):
        start.open_console(tmp_path, database=None, clock=Clock())


def test_practices_are_found_by_name_or_id_and_never_guessed(tmp_path: Path) -> None:
    console = opened(tmp_path)
    with pytest.raises(StartError, match="no practice yet"):
        start.only_practice(console, None)
    start.first_link(console, First(practice="One"))
    one = start.only_practice(console, None)
    two, _ = start.add_practice(console, First(practice="Two", email="b@practice.example"))
    assert (start.only_practice(console, "One"), start.only_practice(console, two)) == (one, two)
    for wanted in (None, "Three"):
        with pytest.raises(StartError):
            start.only_practice(console, wanted)
    console.store.close()


def test_commands_beside_a_console_change_no_schema(tmp_path: Path) -> None:
    console = start.open_console(tmp_path, database=None, clock=Clock())
    with pytest.raises(StartError, match="no console here yet"):
        start.current(console)
    console.store.close()
