"""The pytest plugin: what pytest imports at its start, and so nearly nothing.

It loads neither the SDK nor a driver and starts nothing before a test asks for the
fixture ``workflows``; tests that do not ask are not touched.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from workflow_pg.sdk import under_test

if TYPE_CHECKING:
    from vercel.workflow import Workflows

    from workflow_pg.testing.server import Server
    from workflow_pg.testing.workbench import Workbench

_BENCH = pytest.StashKey["Workbench"]()
_BEFORE = pytest.StashKey[str | None]()

# Apps call use_postgres() where they are imported, which is before any test.
_NOWHERE = "postgresql://only-tests-with-the-fixture-workflows.invalid/have-a-database"


def pytest_configure(config: pytest.Config) -> None:
    """Let apps be imported that call use_postgres(), without a database."""
    config.stash[_BEFORE] = under_test.default_dsn
    under_test.default_dsn = _NOWHERE


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave the process as it was."""
    under_test.default_dsn = config.stash[_BEFORE]


@pytest.fixture(scope="session")
def _workflow_pg_server() -> Iterator[Server]:
    """The server of this process's tests, with a migrated database to copy."""
    from workflow_pg.testing.errors import WorkbenchError

    with ExitStack() as stack:
        try:
            from workflow_pg.sdk.version import check_sdk_version

            check_sdk_version()
            from workflow_pg.testing.server import open_server

            server = stack.enter_context(open_server())
        except (ImportError, WorkbenchError) as error:
            pytest.fail(str(error), pytrace=False)
        yield server


@pytest.fixture
def workflow_registries() -> Iterable[Workflows] | None:
    """Override to say which registries to serve; None: all of imported modules."""
    return None


@pytest.fixture
def workflows(
    request: pytest.FixtureRequest,
    _workflow_pg_server: Server,
    workflow_registries: Iterable[Workflows] | None,
) -> Iterator[Workbench]:
    """A database of this test's own, a worker in its loop, a clock and faults."""
    from workflow_pg.testing.workbench import Workbench

    item: Any = request.node
    with _workflow_pg_server.database() as dsn:
        bench = Workbench(dsn, workflow_registries)
        item.stash[_BENCH] = bench
        test = item.obj
        if inspect.iscoroutinefunction(test):
            # Around the function and not in a fixture: so it is in the loop and the
            # task of the test, whichever plugin runs it.
            item.obj = bench.around(test)
        try:
            with bench.installed():
                yield bench
        finally:
            item.obj = test
            del item.stash[_BENCH]


@pytest.hookimpl
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run an async test with workflows that no other plugin runs."""
    test = pyfuncitem.obj
    if _BENCH not in pyfuncitem.stash or not inspect.iscoroutinefunction(test):
        return None
    __tracebackhide__ = True
    names = inspect.signature(test).parameters
    arguments = {name: pyfuncitem.funcargs[name] for name in names}
    with asyncio.Runner() as runner:
        runner.run(test(**arguments))
    return True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to the report of a failed test what its runs did and wait for."""
    report = yield
    bench = item.stash.get(_BENCH, None)
    if bench is not None and call.when == "call" and report.failed and bench.story:
        report.sections.append(("Workflows of this test", bench.story))
    return report
