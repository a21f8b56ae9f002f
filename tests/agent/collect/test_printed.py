"""What a command printed counts only when it ended well."""

import pytest
from fakes import recorded_host

from agent.collect.host import CollectError, Command, Output
from agent.collect.printed import printed
from checks.evidence import Why

ASK = Command(argv=("tool", "--ask"))


def test_a_command_that_ends_well_is_believed() -> None:
    answer = Output(exit_code=0, stdout="yes\n", stderr="a warning")
    assert printed(recorded_host(commands={ASK.argv: answer}), ASK) == "yes\n"


def test_a_command_that_fails_has_answered_nothing() -> None:
    answer = Output(exit_code=1, stdout="yes\n", stderr="x" * 300)
    with pytest.raises(CollectError) as caught:
        printed(recorded_host(commands={ASK.argv: answer}), ASK)
    assert caught.value.why is Why.TOOL_FAILED
    assert caught.value.detail == "tool: " + "x" * 200


def test_a_command_that_is_missing_keeps_its_own_reason() -> None:
    with pytest.raises(CollectError) as caught:
        printed(recorded_host(), ASK)
    assert caught.value.why is Why.TOOL_MISSING
