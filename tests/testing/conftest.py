"""The plugin for tests of apps, tested on the server of this run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from vercel.workflow import Workflows

from tests.servers import Server
from tests.support import assert_no_unwakeable
from tests.testing import apps
from workflow_pg.testing import Workbench
from workflow_pg.testing import server as plugin


@pytest.fixture(scope="session", name="_workflow_pg_server")
def server_of_the_plugin(server: Server) -> Iterator[plugin.Server]:
    """In place of a server of the plugin's own."""
    here = plugin.Server(server.dsn(), is_ours=True)
    with here.template():
        yield here


@pytest.fixture
def workflow_registries() -> list[Workflows]:
    """Only the app of these tests, and not all that other tests have imported."""
    return [apps.wf]


@pytest.fixture(autouse=True)
def nothing_is_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """After a test no run is forgotten, and the app is as new."""
    bench: Workbench | None = None
    if "workflows" in request.fixturenames:
        bench = request.getfixturevalue("workflows")
    yield
    apps.ran.clear()
    apps.gates.clear()
    if bench is not None:
        assert_no_unwakeable(bench.dsn)
