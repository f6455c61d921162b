"""After every test that writes: no live run may be left that nothing would wake.

A plugin. A test that plants such a run says why, with the marker `plants_unwakeable`;
how many do is printed at the end.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support import Session, assert_no_unwakeable

_MARKER = "plants_unwakeable"
_opted_out = pytest.StashKey[dict[str, str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Announce the marker."""
    config.addinivalue_line(
        "markers",
        f"{_MARKER}(reason): leaves runs that nothing would wake, on purpose",
    )
    config.stash[_opted_out] = {}


@pytest.fixture(autouse=True)
def no_run_is_forgotten(request: pytest.FixtureRequest) -> Iterator[None]:
    """Ask unwakeable_runs() at the end of a test that has a migrated database."""
    names = request.fixturenames
    databases = ("db", "dsn", "module_dsn")
    fixture = next((name for name in databases if name in names), None)
    where: str | Session | None = fixture and request.getfixturevalue(fixture)
    yield
    if where is None:
        return
    item: pytest.Item = request.node
    if marker := item.get_closest_marker(_MARKER):
        request.config.stash[_opted_out][item.nodeid] = marker.args[0]
    else:
        assert_no_unwakeable(where)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say how many tests were not held to the promise, and why."""
    opted_out = config.stash[_opted_out]
    reasons = sorted(set(opted_out.values()))
    if reasons:
        terminalreporter.section("plants_unwakeable")
    for reason in reasons:
        count = list(opted_out.values()).count(reason)
        terminalreporter.write_line(f"{count} tests: {reason}")
