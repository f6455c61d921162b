"""`workflow-pg dev --reload`: a change of a file, and the worker that follows it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.cli.command import children, is_alive, run_python, sentence, wait_until
from tests.cli.development import START, Dev, Developing, ask
from workflow_pg.cli.reload import app_trees
from workflow_pg.embedded import dev_dsn

SLEEPING = """
from vercel.workflow import Workflows, sleep
from words import GREETING

wf = Workflows()

@wf.step
async def greeting(name: str) -> str:
    return f"{GREETING} {name}"

@wf.workflow
async def greet(name: str) -> str:
    before = await greeting(name)
    await sleep("4s")
    return f"{before}, then {await greeting(name)}"
"""

WAITING = """
import asyncio, pathlib
from vercel.workflow import Workflows
from words import GREETING

wf = Workflows()

@wf.step
async def greeting(name: str) -> str:
    pathlib.Path("here").touch()
    while not pathlib.Path("go").exists():
        await asyncio.sleep(0.02)
    return f"{GREETING} {name}"

@wf.workflow
async def greet(name: str) -> str:
    return await greeting(name)
"""

STEPS = "select count(*) from workflow_pg.steps where status = 'completed'"
WAITS = "select count(*) from workflow_pg.waits where status = 'waiting'"
OUTPUT = (
    "select max(convert_from(payload, 'UTF8')) from workflow_pg.events"
    " where event_type = 'run_completed'"
)


def write_words(folder: Path, word: str) -> None:
    """Write the module that the app imports, at once, as editors do."""
    making = folder / "words.new"
    making.write_text(f"GREETING = {word}\n")
    making.rename(folder / "words.py")


def worker_of(dev: Dev) -> str:
    """The one process that executes runs, beside that of the server."""
    (worker,) = dev.worker_processes()
    return worker


@pytest.fixture
def app(folder: Path) -> Path:
    """A directory with an app of two modules."""
    (folder / "shop.py").write_text(SLEEPING)
    write_words(folder, "'hello'")
    return folder


def test_a_run_that_sleeps_goes_on_with_the_changed_code(
    app: Path, dev: Developing
) -> None:
    running = dev("--reload")
    first = worker_of(running)
    ask(app, START)
    wait_until(lambda: ask(app, WAITS) == 1)
    write_words(app, "'good evening'")
    wait_until(lambda: running.served() == 2)
    assert "words.py changed: starting the worker anew" in running.log.read_text()
    second = worker_of(running)
    assert second != first
    assert not is_alive(first)
    wait_until(lambda: ask(app, OUTPUT))
    # The first step is in the log and is not executed again.
    assert ask(app, OUTPUT) == '"hello you, then good evening you"'
    assert ask(app, STEPS) == 2
    assert running.end() == 0
    assert not is_alive(second)
    assert dev_dsn(app) is None


def test_changes_one_after_another_let_a_step_finish(
    app: Path, dev: Developing
) -> None:
    (app / "shop.py").write_text(WAITING)
    running = dev("--reload")
    ask(app, START)
    wait_until(lambda: (app / "here").exists())
    for word in ("'one'", "'two'"):
        before = running.log.read_text().count("starting the worker anew")
        write_words(app, word)
        wait_until(
            lambda before=before: (
                running.log.read_text().count("starting the worker anew") > before
            )
        )
    assert running.served() == 1
    (app / "go").touch()
    wait_until(lambda: ask(app, OUTPUT))
    assert ask(app, OUTPUT) == '"hello you"'
    assert ask(app, "select max(attempt) from workflow_pg.steps") == 1
    assert running.end() == 0


def test_what_cannot_be_imported_is_said_and_the_next_change_tried(
    app: Path, dev: Developing
) -> None:
    running = dev("--reload")
    write_words(app, "1 +")
    wait_until(lambda: "waiting for the next change" in running.log.read_text())
    assert running.worker_processes() == []
    text = running.log.read_text()
    assert "workflow-pg: Module shop cannot be imported: SyntaxError" in text
    assert "words.py, line 1" in text
    # What is no Python is no change.
    (app / "notes.txt").write_text("nothing")
    write_words(app, "'hello again'")
    wait_until(lambda: running.served() == 2)
    assert running.end() == 0


def test_what_cannot_be_imported_at_first_is_waited_for_and_can_be_stopped(
    app: Path, dev: Developing
) -> None:
    write_words(app, "nonesuch")
    running = dev("--reload", is_silent=True)
    wait_until(lambda: "waiting for the next change" in running.log.read_text())
    before = children(running.process.pid)
    assert len(before) == 1  # the server
    assert running.end() == 2
    assert not any(map(is_alive, before))


def test_the_current_directory_is_watched_and_where_the_app_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    (there / "package").mkdir(parents=True)
    (there / "package" / "__init__.py").touch()
    (there / "alone.py").touch()
    here.mkdir()
    (here / "near.py").touch()
    monkeypatch.chdir(here)
    monkeypatch.setattr(sys, "path", [str(here), str(there), *sys.path])
    assert app_trees("near:wf") == [here]
    assert app_trees("alone:wf") == [here, there / "alone.py"]
    assert app_trees("package.module:wf") == [here, there / "package"]


def test_without_the_extra_the_sentence_says_what_to_install(folder: Path) -> None:
    code = (
        "import sys; sys.modules['watchfiles'] = None;"
        " from workflow_pg.cli import main;"
        " sys.exit(main(['dev', 'shop:wf', '--reload']))"
    )
    done = run_python("-c", code, cwd=folder)
    assert done.returncode == 2
    assert "install 'workflow-pg[reload]'" in sentence(done)
    assert dev_dsn(folder) is None
