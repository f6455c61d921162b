"""After every test that writes: no live run may be left that nothing would wake.

A plugin. A test that plants such a run says why, with the marker `plants_unwakeable`;
how many do is printed at the end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.support import Session, assert_no_unwakeable

_MARKER = "plants_unwakeable"


def pytest_configure(config: pytest.Config) -> None:
    """Announce the marker."""
    config.addinivalue_line(
        "markers",
        f"{_MARKER}(reason): leaves runs that nothing would wake, on purpose",
    )


@pytest.fixture(autouse=True)
def no_run_is_forgotten(request: pytest.FixtureRequest) -> Iterator[None]:
    """Ask unwakeable_runs() at the end of a test that has a migrated database."""
    names = request.fixturenames
    databases = ("db", "dsn", "module_dsn")
    fixture = next((name for name in databases if name in names), None)
    where: str | Session | None = fixture and request.getfixturevalue(fixture)
    item: pytest.Item = request.node
    marker = item.get_closest_marker(_MARKER)
    if where is not None and marker is not None:
        # With the report, which also comes from another process.
        item.user_properties.append((_MARKER, marker.args[0]))
    yield
    if where is not None and marker is None:
        assert_no_unwakeable(where)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many tests were not held to the promise, and why."""
    opted_out = Counter(
        str(reason)
        for outcome in ("passed", "failed")
        for report in terminalreporter.getreports(outcome)
        for name, reason in report.user_properties
        if name == _MARKER
    )
    if opted_out:
        terminalreporter.section(_MARKER)
    for reason, count in sorted(opted_out.items()):
        terminalreporter.write_line(f"{count} tests: {reason}")
