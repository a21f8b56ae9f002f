"""Pytest plugin: a test that did not run is not a test that passed, so skips and expected failures fail the run."""

import pytest

UNRUN = ("skipped", "xfailed", "xpassed")


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and session.exitstatus == pytest.ExitCode.OK and _unrun(reporter.stats):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for kind, test in _unrun(terminalreporter.stats):
        terminalreporter.write_line(f"NOT RUN ({kind}): {test}", red=True)


def _unrun(stats: dict[str, list[object]]) -> list[tuple[str, str]]:
    return [(kind, str(getattr(one, "nodeid", one))) for kind in UNRUN for one in stats.get(kind, [])]
