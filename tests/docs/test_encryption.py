"""docs/encryption.md: its commands and programs, in the order of the page."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import psycopg

from tests.docs.apps import App
from tests.docs.blocks import ROOT

PAGE = ROOT / "docs/encryption.md"

SHRED = """
import asyncio
from vercel.workflow import start
from vault import keep
from chooser import customer, key_of, secrets
from workflow_pg.errors import KeyUnavailable
from workflow_pg.sdk import _compat, use_postgres
from workflow_pg.sdk.worker import Worker
from vault import wf

async def main() -> None:
    world, stop = _compat.get_world(), asyncio.Event()
    working = asyncio.create_task(Worker(wf, world).run(stop))
    ours = await start(keep, "ours")
    customer.set("acme")
    theirs = await start(keep, "theirs")
    print(await ours.return_value(), await theirs.return_value())
    stop.set()
    await working
    del secrets["acme"]
    use_postgres(keys=key_of)  # remembers nothing of before
    print(await ours.return_value())
    try:
        await theirs.return_value()
    except KeyUnavailable as error:
        print(error)

asyncio.run(main())
"""


def blocks(language: str) -> list[str]:
    """The blocks of a language; those of a list are indented."""
    text = PAGE.read_text(encoding="utf-8")
    found = re.findall(
        rf"^( *)```{language}\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL
    )
    return [re.sub(rf"^{indent}", "", block, flags=re.M) for indent, block in found]


def key_ids(folder: Path) -> list[str]:
    """Ids of the keys of the file, in their order."""
    return [line.partition(":")[0] for line in (folder / "keys").read_text().split()]


def key_of_run(app: App, run_id: str) -> str:
    """What the command says about the key of a run."""
    shown = app.execute("workflow-pg", "runs", "show", run_id, "--json")
    return json.loads(shown)["run"]["execution_context"]["encryptionKeyId"]


def test_the_page_from_its_first_key_to_its_second(
    app: App, conn: psycopg.Connection
) -> None:
    make, worker, add, move = blocks("sh")
    vault, client, _ = blocks("python")
    app.execute("sh", "-ec", make)
    assert (app.folder / "keys").stat().st_mode & 0o077 == 0
    app.write({"vault.py": vault, "client.py": client})
    name, app_name, *options = worker.split()[1:]
    assert name == "worker"
    with app.worker(app_name, *options):
        first, result = app.run("client.py").split(maxsplit=1)
        assert result == "terces ym"
        app.execute("sh", "-ec", add)
        assert key_ids(app.folder) == ["2026-11", "2027-01"]
        second, _ = app.run("client.py").split(maxsplit=1)
        app.execute("sh", "-ec", move)
        assert key_ids(app.folder) == ["2027-01", "2026-11"]
        third, _ = app.run("client.py").split(maxsplit=1)
    used = [key_of_run(app, run_id) for run_id in (first, second, third)]
    assert used == ["2026-11", "2026-11", "2027-01"]
    assert (app.folder / "keys").stat().st_mode & 0o077 == 0
    payloads = conn.execute(
        "select distinct convert_from(substr(payload, 1, 4), 'UTF8')"
        "  from workflow_pg.events where payload is not null"
    ).fetchall()
    assert payloads == [("encr",)]


def test_a_key_of_one_customer_is_lost_without_the_others(app: App) -> None:
    vault, _, chooser = blocks("python")
    app.write(
        {
            "vault.py": vault,
            "chooser.py": chooser,
            "shred.py": SHRED,
        }
    )
    both, ours, sentence = app.execute(sys.executable, "shred.py").splitlines()
    assert (both, ours) == ("sruo srieht", "sruo")
    assert "is encrypted with key acme, which this process does not have" in sentence


def test_the_sentences_are_those_of_the_program() -> None:
    text = PAGE.read_text(encoding="utf-8")
    source = (ROOT / "workflow_pg/sdk/run_keys.py").read_text()
    (example,) = re.findall(r"^    run wrun_.*$", text, re.MULTILINE)
    start, middle, end = (
        "is encrypted with ",
        "which this process does not",
        "add it to",
    )
    for words in (start, middle, end):
        assert words in example
        assert words in source
    assert 'PROJECT = "workflow-pg"' in source
    assert 'KEY_ID = "encryptionKeyId"' in source
