"""docs/guides/upgrades.md: a run that sleeps ends on the code that began it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import psycopg

from tests.cli.command import wait_until
from tests.docs.apps import App
from tests.docs.blocks import GUIDES, programs

PAGE = GUIDES / "upgrades.md"
CLI = (sys.executable, "-m", "workflow_pg.cli")


def version(app: App, name: str) -> App:
    """The directory of one version of the app."""
    files = programs(PAGE)
    folder = app.folder / name
    folder.mkdir()
    made = App(folder=folder, dsn=app.dsn)
    made.write({"shop.py": files[f"{name}/shop.py"], "buy.py": files["buy.py"]})
    return made


def buy(app: App, deployment: str) -> str:
    """Start a run, as the page says; its id."""
    return app.execute("env", f"DEPLOYMENT={deployment}", sys.executable, "buy.py")


def test_a_run_asleep_ends_on_its_own_code_and_new_ones_on_the_new(
    app: App, conn: psycopg.Connection
) -> None:
    old, new = version(app, "v1"), version(app, "v2")
    left = "runs list --deployment v1 --live"
    assert f"`workflow-pg {left}`" in PAGE.read_text(encoding="utf-8")

    def output(run_id: str) -> bytes | None:
        query = "select output from workflow_pg.get_run(%s)"
        row = conn.execute(query, [run_id]).fetchone()
        return row[0] if row else None

    def is_asleep() -> bool:
        query = "select count(*) from workflow_pg.waits where status = 'waiting'"
        return conn.execute(query).fetchone() == (1,)

    with old.worker("shop:wf", "--deployment", "v1"):
        first = buy(old, "v1")
        wait_until(is_asleep)
        with new.worker("shop:wf", "--deployment", "v2"):
            second = buy(new, "v2")
            wait_until(lambda: output(second))
            # The old run is still there, and keeps its workers.
            listed = app.execute(*CLI, *left.split())
            assert [line.split()[0] for line in listed.splitlines()[1:]] == [first]
            app.execute(*CLI, "runs", "wake", first, "--waits")
            wait_until(lambda: output(first))
            assert app.execute(*CLI, *left.split()) == "no runs"
    assert b"A17 charged, version 1" in (output(first) or b"")
    assert b"A17 reserved, version 2" in (output(second) or b"")


def test_a_run_whose_deployment_nobody_serves_waits_and_says_so(app: App) -> None:
    old = version(app, "v1")
    run_id = buy(old, "v1")
    with old.worker("shop:wf", "--deployment", "v2"):
        shown = app.execute(*CLI, "runs", "show", run_id)
        assert "unserved: " in shown
        assert json.loads(app.execute(*CLI, "events", run_id, "--json"))[1:] == []


def test_the_page_has_no_other_programs(tmp_path: Path) -> None:
    assert set(programs(PAGE)) == {"v1/shop.py", "v2/shop.py", "buy.py"}
