"""The real runtimes on the TypeScript client: the SDK's own suite, and the example.

Not collected by itself: `make test-typescript` names it, because it installs the SDK
twice, which is large.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support import Session, connect
from tests.typescript.conftest import CLIENT, Run, install

SUITE = CLIENT / "suite"
EXAMPLE = CLIENT / "examples" / "order"
RUNTIMES = {"5.0.0-beta.35": SUITE, "4.8.9": SUITE / "stable"}
SPEC_VERSIONS = {"5.0.0-beta.35": 5, "4.8.9": 3}

pytestmark = pytest.mark.timeout(600)


def test_the_published_suite_passes(dsn: str, run_node: Run) -> None:
    install(SUITE)
    told = run_node("node_modules/vitest/vitest.mjs", "run", dsn=dsn, cwd=SUITE)
    print(told)
    assert re.search(r"Tests +12 passed \(12\)", told), told


@pytest.mark.parametrize("version", RUNTIMES)
def test_the_example_runs(
    version: str, dsn: str, run_node: Run, node: str, tmp_path: Path
) -> None:
    """A retry, a sleep, a hook and two steps at once; then a step that loses a race."""
    install(RUNTIMES[version])
    app = tmp_path / "order"
    kept = shutil.ignore_patterns("node_modules", ".*", "package.json")
    shutil.copytree(EXAMPLE, app, ignore=kept)
    shutil.copy(SUITE / "workflows" / "race.ts", app / "workflows")
    (app / "package.json").write_text('{"private": true}')
    (app / "node_modules").symlink_to(RUNTIMES[version] / "node_modules")
    run_node("node_modules/@workflow/cli/bin/run.js", "build", dsn=dsn, cwd=app)
    with _server(node, app, dsn) as url:
        run = _post(f"{url}/orders", order="A17", cents=4200)
        with connect(dsn) as session:
            _wait(lambda: session.value("select count(*) from workflow_pg.hooks") == 1)
            assert _post(f"{url}/approvals", order="A17", by="Grace") == run
            answer = _post(f"{url}/results", runId=run["runId"])
            assert answer["result"] == {
                "receipt": "receipt-A17-4200",
                "by": "Grace",
                "parcels": ["A17 to Berlin", "A17 to Lyon"],
            }
            attempts = (
                "select array_agg(attempt order by step_name) from workflow_pg.steps"
            )
            assert session.value(attempts) == [2, 1, 1]
            _race(session, SPEC_VERSIONS[version])


def _race(session: Session, spec_version: int) -> None:
    """A sleep ends while a step runs, which is executed once however long it takes."""
    (run,) = session.call(
        "create_run",
        run_id=None,
        workflow_name="workflow//./workflows/race//race",
        input=b"devl[[]]",
        deployment_id="typescript",
        spec_version=spec_version,
    )
    told = "select array_agg(event_type::text order by seq) from workflow_pg.events"
    of_run = f"{told} where run_id = %s and event_type::text ~ 'completed$'"
    _wait(lambda: len(session.value(of_run, run["run_id"]) or ()) == 3)
    assert session.value(of_run, run["run_id"]) == [
        "wait_completed",
        "run_completed",
        "step_completed",
    ]
    attempt = "select attempt from workflow_pg.steps where run_id = %s"
    assert session.value(attempt, run["run_id"]) == 1


@contextmanager
def _server(node: str, app: Path, dsn: str) -> Generator[str]:
    log = app / "log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [node, "server.mjs"],
            cwd=app,
            env=os.environ | {"WORKFLOW_PG_DSN": dsn, "PORT": "0"},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait(lambda: "listening" in log.read_text() or process.poll() is not None)
            found = re.search(r"listening on (\d+)", log.read_text())
            assert found, log.read_text()
            yield f"http://localhost:{found[1]}"
            process.terminate()
            assert process.wait(30) == 0, log.read_text()
        finally:
            process.kill()


def _post(url: str, **body: object) -> dict[str, Any]:
    request = urllib.request.Request(url, json.dumps(body).encode(), method="POST")
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def _wait(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
