"""`use_postgres`, wherever it stands, in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from workflow_pg.sdk import under_test, use_postgres

ROOT = Path(__file__).parents[2]


def run(code: str, dsn: str, directory: Path) -> str:
    """What a script prints that is run in an empty directory."""
    environment = {
        **os.environ,
        "WORKFLOW_PG_DSN": dsn,
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(code)],
        cwd=directory,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout.strip()


BEFORE = """
    import asyncio, os
    from workflow_pg.sdk import use_postgres
    use_postgres()
    from tests.sdk.apps import shop
    from vercel.workflow import start

    async def main():
        return await (await start(shop.no_step, "x")).status()

    print(asyncio.run(main()), asyncio.run(main()))
"""


def test_before_the_app_is_imported(direct_dsn: str, tmp_path: Path) -> None:
    assert run(BEFORE, direct_dsn, tmp_path) == "pending pending"
    assert list(tmp_path.iterdir()) == []


def test_after_the_app_is_imported(direct_dsn: str, tmp_path: Path) -> None:
    lines = BEFORE.splitlines()
    lines.remove("    use_postgres()")
    lines.insert(
        lines.index("    from vercel.workflow import start"), "    use_postgres()"
    )
    assert run("\n".join(lines), direct_dsn, tmp_path) == "pending pending"
    assert list(tmp_path.iterdir()) == []


def test_inside_the_app_which_its_sandbox_imports_again(
    direct_dsn: str, tmp_path: Path
) -> None:
    code = """
        import asyncio
        from tests.sdk.apps import bootstrapped
        from vercel.workflow import start
        from workflow_pg.sdk import _compat
        from workflow_pg.sdk.worker import Worker

        async def main():
            stop = asyncio.Event()
            world = _compat.get_world()
            working = asyncio.create_task(Worker(bootstrapped.wf, world).run(stop))
            print(await (await start(bootstrapped.quadruple, 3)).return_value())
            stop.set()
            await working

        asyncio.run(main())
    """
    assert run(code, direct_dsn, tmp_path) == "12"
    assert list(tmp_path.iterdir()) == []


def test_each_loop_gives_its_connections_back(direct_dsn: str, tmp_path: Path) -> None:
    code = """
        import asyncio, os, psycopg, time
        from workflow_pg.sdk import use_postgres
        use_postgres()
        from tests.sdk.apps import shop
        from vercel.workflow import start

        async def main():
            await start(shop.no_step, "x")

        for _ in range(5):
            asyncio.run(main())
        others = (
            "select count(*) from pg_stat_activity where datname = current_database()"
            " and pid <> pg_backend_pid() and backend_type = 'client backend'"
        )
        deadline = time.monotonic() + 20
        with psycopg.connect(os.environ["WORKFLOW_PG_DSN"], autocommit=True) as conn:
            # A backend is seen for a moment after its connection was closed.
            while conn.execute(others).fetchone() != (0,):
                assert time.monotonic() < deadline
                time.sleep(0.02)
    """
    assert run(code, direct_dsn, tmp_path) == ""


def test_without_a_dsn(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("WORKFLOW_PG_DSN", raising=False)
    monkeypatch.chdir(tmp_path)
    # What our pytest plugin puts there.
    monkeypatch.setattr(under_test, "default_dsn", None)
    with pytest.raises(ValueError, match="pass a DSN to use_postgres, or set"):
        use_postgres()


def test_an_unmigrated_database_is_named_at_the_first_use(
    empty_dsn: str, tmp_path: Path
) -> None:
    code = """
        import asyncio
        from workflow_pg.sdk import use_postgres
        from workflow_pg import SchemaUnusable
        use_postgres()
        from tests.sdk.apps import shop
        from vercel.workflow import start
        try:
            asyncio.run(start(shop.no_step, "x"))
        except SchemaUnusable as error:
            print(error)
    """
    assert "migrate up" in run(code, empty_dsn, tmp_path)


@pytest.mark.parametrize(
    "use", ["use_connection(None)", 'asyncio.run(start_once(shop.no_step, key="one"))']
)
def test_what_only_postgresql_has_needs_it(
    direct_dsn: str, tmp_path: Path, use: str
) -> None:
    code = f"""
        import asyncio
        from workflow_pg.sdk import start_once, use_connection
        from tests.sdk.apps import shop
        try:
            {use}
        except RuntimeError as error:
            print(error)
    """
    assert "call use_postgres first" in run(code, direct_dsn, tmp_path)
