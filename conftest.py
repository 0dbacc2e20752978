"""The rule for every test of the repository: in CI nothing is skipped."""

import os

import pytest


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run that has skipped something, where CI=true; elsewhere a skip only says its reason."""
    if os.environ.get("CI") == "true" and session.exitstatus == pytest.ExitCode.OK and skipped(session):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say why a run without a failed test has failed."""
    count = len(terminalreporter.stats.get("skipped", []))
    if os.environ.get("CI") == "true" and count:
        terminalreporter.write_line(f"{count} skipped: in CI nothing may be", red=True)


def skipped(session: pytest.Session) -> bool:
    """Has any test been skipped?"""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    return bool(reporter and reporter.stats.get("skipped"))
