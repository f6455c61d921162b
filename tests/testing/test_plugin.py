"""The plugin in projects of its users: scratch directories, pytest in a process."""

from __future__ import annotations

import textwrap

import pytest

from tests.docs.blocks import ROOT, fenced
from tests.servers import Server

APP, TESTS = fenced(ROOT / "docs" / "testing.md", "python")
# The statements of the plugin are run on every version by the tests beside this module.
pytestmark = pytest.mark.one_major
PLAIN = ("-p", "no:randomly", "-p", "no:cacheprovider")


class Project:
    """A directory with the app of docs/testing.md and the tests that it is given."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self._pytester = pytester
        self.write("shop", APP)

    def write(self, name: str, text: str) -> None:
        """Write a module."""
        self._pytester.makepyfile(**{name: textwrap.dedent(text)})

    def run(self, *arguments: str) -> pytest.RunResult:
        """Run its tests."""
        return self._pytester.runpytest_subprocess(*PLAIN, *arguments, timeout=90)


@pytest.fixture
def project(
    pytester: pytest.Pytester, server: Server, monkeypatch: pytest.MonkeyPatch
) -> Project:
    """A project without any configuration, on the server of this run."""
    monkeypatch.setenv("WORKFLOW_PG_TEST_DSN", server.dsn())
    monkeypatch.delenv("WORKFLOW_PG_DSN", raising=False)
    return Project(pytester)


def test_what_the_documentation_shows(project: Project) -> None:
    project.write("test_shop", TESTS)
    # Two processes on one server.
    result = project.run("-n", "2", "-p", "no:asyncio", "-W", "error")
    result.assert_outcomes(passed=6)


def test_a_server_of_its_own_for_each_process_of_xdist(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WORKFLOW_PG_TEST_DSN")
    project.write("test_shop", TESTS)
    result = project.run("-n", "2", "-p", "no:asyncio")
    result.assert_outcomes(passed=6)


ASYNC = """
    import pytest
    from vercel.workflow import start
    from shop import fulfil

    @pytest.mark.asyncio
    async def test_by_pytest_asyncio(workflows):
        await workflows.result(await start(fulfil, "A17", 4200))

    @pytest.mark.anyio
    @pytest.mark.parametrize("anyio_backend", ["asyncio"])
    async def test_by_anyio(workflows, anyio_backend):
        await workflows.result(await start(fulfil, "A17", 4200))

    class TestClass:
        @pytest.mark.parametrize("order", ["A17", "A18"])
        async def test_by_nobody_else(self, workflows, tmp_path, order):
            await workflows.result(await start(fulfil, order, 4200))
"""
FIXTURES = """
    import pytest
    from vercel.workflow import start
    from shop import fulfil

    @pytest.fixture
    async def order(workflows):
        return await start(fulfil, "A17", 4200)

    async def test_a_run_of_a_fixture(workflows, order):
        await workflows.result(order)

    @pytest.fixture
    async def result(workflows):
        return await workflows.result(await start(fulfil, "A17", 4200))

    async def test_a_fixture_that_waits(workflows, result):
        pass
"""


def test_every_plugin_that_runs_async_tests(project: Project) -> None:
    project.write("test_async", ASYNC)
    project.run().assert_outcomes(passed=4)


def test_async_fixtures_and_tests_in_one_loop(project: Project) -> None:
    project.write("test_async", ASYNC)
    project.write("test_fixtures", FIXTURES)
    result = project.run("-o", "asyncio_mode=auto")
    result.assert_outcomes(passed=5, errors=1)
    result.stdout.fnmatch_lines(["*WorkbenchError: the worker lives while the test*"])


FAILING = """
    import asyncio
    import psycopg
    from vercel.workflow import start
    from shop import charge, fulfil

    async def test_the_assertion(workflows):
        run = await start(fulfil, "A17", 4200, ask=True)
        await workflows.drain()
        assert await run.status() == "completed"

    async def test_a_fault_that_never_happens(workflows):
        workflows.faults.fail(charge)

    async def test_the_worker(workflows):
        run = await start(fulfil, "A17", 4200, ask=True)
        await workflows.settle()
        with psycopg.connect(workflows.dsn) as connection:
            connection.execute(
                "select workflow_pg.send_message(%s, 'custom', p_body => %b)",
                [run.run_id, b"\\xa0"],
            )
        while not workflows.failures:
            await asyncio.sleep(0.01)
"""


def test_the_report_of_a_failed_test(project: Project) -> None:
    project.write("test_shop", FAILING)
    result = project.run("-k", "assertion")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            '>       assert await run.status() == "completed"',
            "*- Workflows of this test -*",
            "run wrun_* (shop.fulfil) is running",
            "  +00:00:00.000  run_created",
            "  +*  step_completed  shop.charge",
            "  +3 d 00:00:*  hook_created  token approve-A17",
            "  waits: hook hook_* waits to be resumed by token 'approve-A17'",
        ]
    )
    result.stdout.no_fnmatch_line("*workbench.py*")


def test_failures_that_are_not_of_the_test_function(project: Project) -> None:
    project.write("test_shop", FAILING)
    result = project.run("-k", "not assertion")
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        [
            "*WorkbenchError: faults.fail(step//shop//charge) never happened*",
            "*ValidationError: *",
            "*WorkerFailedError: the worker failed, not a workflow or a step: Valid*",
        ]
    )


ISOLATED = """
    import asyncio
    import gc
    import threading
    from contextvars import ContextVar
    from datetime import UTC, datetime, timedelta

    import pytest
    import shop
    from vercel.workflow import start
    from vercel.workflow._internal import duration, run, runtime, world
    from workflow_pg.sdk import use_postgres

    seen = ContextVar("seen", default="nothing")
    told = []

    @shop.wf.step
    async def look():
        told.append((seen.get(), world.the_world))

    @shop.wf.workflow
    async def looking():
        await look()

    @pytest.mark.parametrize("number", range(2))
    async def test_one_and_another(workflows, number):
        assert (workflows.clock.now() - datetime.now(UTC)) < timedelta(hours=1)
        seen.set("the test")
        use_postgres("postgresql://elsewhere.invalid/app")
        run = await start(looking)
        await workflows.advance("3 days")
        await run.return_value()
        told.append(world.the_world)
        # Left alone, in the middle of it.
        await start(shop.fulfil, "A17", 4200)

    def test_afterwards():
        (one, installed), same, (two, other), again = told
        assert one == two == "nothing"
        assert installed is same
        assert other is again
        assert installed is not other
        # Made by the SDK when the app was imported.
        assert type(world.the_world).__name__ == "LocalWorld"
        assert duration.datetime is runtime.datetime is datetime
        assert run.asyncio is asyncio
        assert threading.active_count() == 1
        tasks = [task for task in gc.get_objects() if isinstance(task, asyncio.Task)]
        assert [task for task in tasks if not task.done()] == []
"""


def test_nothing_leaks_from_one_test_into_another(project: Project) -> None:
    project.write("test_isolated", ISOLATED)
    result = project.run("-p", "no:asyncio", "-p", "no:timeout", "-W", "error")
    result.assert_outcomes(passed=3)


SEVERAL = """
    from vercel.workflow import Workflows, start
    from workflow_pg.sdk import use_postgres

    # As web servers do: there is no database yet.
    use_postgres()
    one, other, blue = Workflows(), Workflows(), Workflows(namespace="blue")

    @one.step
    async def double(number: int) -> int:
        return 2 * number

    @one.workflow
    async def first(number: int) -> int:
        return await double(number)

    @other.workflow
    async def second(number: int) -> int:
        return number + 1

    @blue.workflow
    async def third(number: int) -> int:
        return number + 2

    async def test_all_are_served(workflows):
        for workflow, result in (first, 42), (second, 22), (third, 23):
            assert await workflows.result(await start(workflow, 21)) == result
"""


def test_several_registries_in_the_module_of_the_tests(project: Project) -> None:
    project.write("test_several", SEVERAL)
    project.run().assert_outcomes(passed=1)


UNUSED = """
    import sys
    import pytest

    @pytest.fixture
    def workflows():
        return "a fixture of this project"

    def test_nothing_is_loaded(workflows):
        assert workflows == "a fixture of this project"
        absent = {"vercel", "psycopg", "cbor2", "workflow_pg.testing.workbench"}
        assert absent & sys.modules.keys() == set()

    async def test_that_nobody_runs(workflows):
        pass
"""


def test_a_project_that_does_not_use_it(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKFLOW_PG_TEST_DSN", "postgresql://nobody@nowhere.invalid/")
    project.write("test_unused", UNUSED)
    result = project.run(
        "-p", "no:asyncio", "-p", "no:pytest_postgresql", "-W", "error"
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*async def functions are not natively supported*"])


def test_a_server_that_does_not_answer(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    dsn = "postgresql://me:secret@127.0.0.1:1/postgres"
    monkeypatch.setenv("WORKFLOW_PG_TEST_DSN", dsn)
    project.write("test_shop", TESTS)
    result = project.run("-k", "an_order")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["WORKFLOW_PG_TEST_DSN does not answer: *"])
    result.stdout.no_fnmatch_line("*secret*")
