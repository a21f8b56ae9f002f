"""Which copies may be deleted: a table, and that nothing beyond it may."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.photos.review.rules import SAYS, ReviewRefusal, Why, refusal_of
from checks.clinical_images.fact import Disposition

NONE, IN_RECORD, FILED = Disposition.NONE, Disposition.IN_RECORD, Disposition.FILED
BY_SENDER, OWN, TEACHING = Disposition.FILED_BY_SENDER, Disposition.OWN, Disposition.TEACHING
NOT_CLINICAL, HOLD = Disposition.NOT_CLINICAL, Disposition.LEGAL_HOLD
TABLE: list[tuple[list[Disposition], list[Disposition], int, bool, bool, Why | None]] = [
    ([IN_RECORD], [IN_RECORD], 1, False, False, None),
    ([FILED, FILED], [FILED], 1, False, False, None),
    ([IN_RECORD, TEACHING], [IN_RECORD], 1, False, False, None),
    ([IN_RECORD, NONE], [IN_RECORD], 1, False, False, None),
    ([BY_SENDER], [BY_SENDER], 1, False, True, None),
    ([BY_SENDER], [BY_SENDER], 1, False, False, Why.SENDERS_WORD),
    ([NONE], [NONE], 1, False, True, Why.NOT_SAID),
    ([IN_RECORD, NONE], [IN_RECORD, NONE], 2, False, True, Why.NOT_SAID),
    ([OWN], [OWN], 1, False, True, Why.NOT_STORED),
    ([TEACHING, IN_RECORD], [TEACHING, IN_RECORD], 2, False, True, Why.NOT_STORED),
    ([NOT_CLINICAL], [NOT_CLINICAL], 1, False, True, Why.NOT_STORED),
    ([IN_RECORD], [], 0, False, False, Why.NOTHING_TICKED),
    ([IN_RECORD], [IN_RECORD], 2, False, False, Why.COUNT_DIFFERS),
    ([IN_RECORD, IN_RECORD], [IN_RECORD, IN_RECORD], 1, False, False, Why.COUNT_DIFFERS),
    ([IN_RECORD], [IN_RECORD], 1, True, True, Why.ON_HOLD),
    ([IN_RECORD, HOLD], [IN_RECORD], 1, False, True, Why.ON_HOLD),
    ([], [HOLD], 1, False, True, Why.ON_HOLD),
    ([HOLD], [], 0, False, True, Why.ON_HOLD),
]


@pytest.mark.parametrize(("said", "ticked", "count", "held", "word", "why"), TABLE)
def test_what_was_said_decides(
    said: list[Disposition], ticked: list[Disposition], count: int, held: bool, word: bool, why: Why | None
) -> None:
    assert refusal_of(said, held=held, senders_word=word, ticked=ticked, count=count) is why


words = st.lists(st.sampled_from(Disposition), max_size=4)


@given(said=words, ticked=words, count=st.integers(0, 4), held=st.booleans(), word=st.booleans())
def test_only_what_is_stored_and_not_held_may_go(
    said: list[Disposition], ticked: list[Disposition], count: int, held: bool, word: bool
) -> None:
    if refusal_of(said, held=held, senders_word=word, ticked=ticked, count=count) is None:
        assert HOLD not in said
        assert not held
        assert count == len(ticked) > 0
        assert set(ticked) <= {IN_RECORD, FILED, *([BY_SENDER] if word else [])}


@pytest.mark.parametrize("why", Why)
def test_every_refusal_has_its_sentence(why: Why) -> None:
    assert ReviewRefusal(why).sentence == SAYS[why]
    assert SAYS[why].endswith(".")
