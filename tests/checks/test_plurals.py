"""One of a thing is written without an s."""

import pytest

from checks.plurals import counted


@pytest.mark.parametrize(("count", "words"), [(0, "0 days"), (1, "1 day"), (2, "2 days"), (11, "11 days")])
def test_counts_read_as_people_write_them(count: int, words: str) -> None:
    assert counted(count, "day") == words
