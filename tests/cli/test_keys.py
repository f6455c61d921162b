"""Keys on the command line, and what commands show of encrypted runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.command import run_command, sentence
from tests.docs.apps import App
from tests.support import Session
from workflow_pg.cli import main
from workflow_pg.cli.output import ExitCode

APP = "tests.cli.apps.gates:wf"
SECRET = "A" * 43 + "="

NOTES = """
from vercel.workflow import Workflows, get_writable

wf = Workflows()

@wf.step
async def note(text: str) -> str:
    async with get_writable() as out:
        await out.write(text)
    return text

@wf.workflow
async def keep(text: str) -> str:
    return await note(text)
"""
CLIENT = """
import asyncio
from vercel.workflow import start
from notes import keep
from workflow_pg.sdk import KeyFile, use_postgres

use_postgres(keys=KeyFile("keys"))

async def main() -> None:
    run = await start(keep, "secret-note")
    assert await run.return_value() == "secret-note"
    assert [chunk async for chunk in run.readable()] == ["secret-note"]
    print(run.run_id)

asyncio.run(main())
"""
BESIDE = "from pathlib import Path\nfile = Path(__file__).parent / 'keys'\n"


@pytest.mark.parametrize("command", ["worker", "dev"])
@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "cannot be read: No such file or directory"),
        ("old:short\n", "is malformed: entry 1 is no key: write ID:SECRET"),
        ("", "is malformed: there is no key"),
    ],
    ids=["absent", "malformed", "empty"],
)
def test_a_key_file_that_is_none_is_refused_at_once(
    command: str, text: str | None, words: str, tmp_path: Path
) -> None:
    if text is not None:
        (tmp_path / "keys").write_text(text)
    (tmp_path / "app.py").write_text(NOTES)
    dsn = None if command == "dev" else "postgresql://127.0.0.1:1/none"
    done = run_command(command, "app:wf", "--keys", "keys", cwd=tmp_path, dsn=dsn)
    assert done.returncode == ExitCode.USAGE
    assert sentence(done).startswith(f"the key file keys {words}")
    assert "short" not in done.stderr
    assert {path.name for path in tmp_path.iterdir()} <= {"keys", "app.py"}


def test_the_variable_is_refused_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKFLOW_PG_KEYS", "nonsense")
    assert main(["worker", APP, "--dsn", "postgresql://h/d"]) == ExitCode.USAGE
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("workflow-pg: WORKFLOW_PG_KEYS is malformed: ")
    assert printed.err.count("\n") == 1


@pytest.mark.parametrize("named", ["by the option", "by the app"])
def test_a_worker_has_the_keys_that_are_named(
    dsn: str, tmp_path: Path, named: str
) -> None:
    app = App(folder=tmp_path, dsn=dsn)
    own = "from workflow_pg.sdk import KeyFile, use_postgres\n" + BESIDE
    notes = NOTES
    if named == "by the app":
        notes = f"{own}use_postgres(keys=KeyFile(file))\n{NOTES}"
    app.write({"notes.py": notes, "client.py": CLIENT, "keys": f"k:{SECRET}\n"})
    options = ("--keys", "keys") if named == "by the option" else ()
    with app.worker("notes:wf", *options):
        run_id = app.run("client.py").strip()
    shown = app.execute("workflow-pg", "runs", "show", run_id)
    assert "input: encrypted, " in shown
    assert "output: encrypted, " in shown
    events = app.execute("workflow-pg", "events", run_id)
    assert events.count("encrypted, ") == 4
    chunks = app.execute("workflow-pg", "streams", "tail", run_id)
    assert chunks.startswith("0  encrypted, ")
    told = app.execute("workflow-pg", "runs", "show", run_id, "--json")
    assert json.loads(told)["run"]["execution_context"]["encryptionKeyId"] == "k"
    assert "secret-note" not in shown + events + chunks + told


@pytest.mark.parametrize("tag", [b"encr", b"encp"])
def test_encrypted_values_are_named_as_such(
    db: Session, capsys: pytest.CaptureFixture[str], tag: bytes
) -> None:
    run_id = db.new_run(payload=tag + b"\x1b[2Jtext")
    assert main(["events", run_id, "--dsn", db.dsn]) == ExitCode.OK
    assert "encrypted, 12 bytes" in capsys.readouterr().out
    assert main(["runs", "show", run_id, "--dsn", db.dsn]) == ExitCode.OK
    assert "input: encrypted, 12 bytes" in capsys.readouterr().out
