"""Two apps with the same names, told apart by their namespaces alone."""

from __future__ import annotations

from pathlib import Path

from tests.docs.apps import App

ORDERS = """
from vercel.workflow import Workflows

wf = Workflows(namespace={namespace!r})

@wf.step
async def who() -> str:
    return {answer!r}

@wf.workflow
async def order() -> str:
    return await who()
"""
CLIENT = """
import asyncio
from vercel.workflow import start
from orders import order
from workflow_pg.sdk import use_postgres

use_postgres()

async def main() -> None:
    runs = [await start(order) for _ in range(5)]
    print(*[await run.return_value() for run in runs])

asyncio.run(main())
"""


def test_each_worker_executes_only_its_own(dsn: str, tmp_path: Path) -> None:
    apps: dict[str, App] = {}
    for namespace in ("billing", "shipping", ""):
        folder = tmp_path / f"app-{namespace}"
        folder.mkdir()
        app = apps[namespace] = App(folder=folder, dsn=dsn)
        text = ORDERS.format(namespace=namespace or None, answer=f"{namespace}.")
        app.write({"orders.py": text, "client.py": CLIENT})
    with (
        apps["billing"].worker("orders:wf"),
        apps["shipping"].worker("orders:wf"),
        apps[""].worker("orders:wf"),
    ):
        for namespace, app in apps.items():
            assert app.run("client.py") == " ".join([f"{namespace}."] * 5)
