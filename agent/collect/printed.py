"""What a command printed, for commands that end with 0 or could not answer."""

from agent.collect.host import CollectError, Command, Host
from checks.evidence import Why


def printed(host: Host, command: Command) -> str:
    """Standard output. Raises TOOL_FAILED for any other exit code than 0."""
    answer = host.run(command)
    if answer.exit_code != 0:
        raise CollectError(Why.TOOL_FAILED, f"{command.argv[0]}: {answer.stderr[:200]}")
    return answer.stdout
