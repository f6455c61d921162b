"""How commands end that are broken off, cannot write, or were given too much."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.command import environment, run_command, run_python, sentence
from tests.support import Session
from workflow_pg.cli import main
from workflow_pg.cli.output import ExitCode

# Presses Ctrl-C when the module of a command is about to be loaded.
IMPATIENT = """
import os, signal, sys
from workflow_pg.cli import main

class Impatient:
    def find_spec(self, name, *_):
        if name == "workflow_pg.cli.runs":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Impatient())
sys.exit(main(["runs", "list"]))
"""


def test_ctrl_c_while_the_command_is_loaded_ends_it_without_a_word(
    tmp_path: Path,
) -> None:
    done = run_python("-c", IMPATIENT, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (ExitCode.INTERRUPTED, "", "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("words", [("list",), ("list", "--json"), ("list", "--watch")])
def test_what_cannot_be_written_is_said(
    words: tuple[str, ...], db: Session, tmp_path: Path
) -> None:
    db.new_run()
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "workflow_pg.cli", "runs", *words],
            cwd=tmp_path,
            env=environment(db.dsn),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=30,
        )
    assert (done.returncode, done.stderr) == (
        ExitCode.UNWRITTEN,
        "workflow-pg: The output cannot be written: No space left on device.\n",
    )


LONG = "x" * 100_000


@pytest.mark.parametrize(
    "words",
    [
        ("runs", "show", LONG),
        ("runs", LONG),
        ("runs", "list", "--status", LONG),
        ("runs", "list", "--limit", "9" * 100_000),
        ("runs", "list", "--where", LONG),
        ("runs", "list", f"--{LONG}"),
        ("runs", "list", "x " * 50_000),
        ("hooks", "resume", "t", "{" + LONG),
        ("hooks", "list", LONG),
        ("hooks", "resume", LONG, "1"),
        ("streams", "list", LONG),
        ("streams", "tail", LONG, "s"),
        ("queue", "requeue", LONG),
        ("worker", LONG),
        ("worker", f"{LONG}:wf"),
        ("dev", LONG),
        ("health", "--timeout", LONG),
    ],
    ids=lambda words: " ".join(word[:10] for word in words),
)
def test_what_is_far_too_long_is_not_repeated(
    words: tuple[str, ...], db: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    options = [] if words[0] == "dev" else ["--dsn", db.dsn]
    assert main([*words, *options]) in {ExitCode.USAGE, ExitCode.NOT_FOUND}
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[-1].startswith("workflow-pg")
    assert len(err) < 4000


def test_a_payload_is_not_forgotten_by_accident(tmp_path: Path) -> None:
    done = run_command("hooks", "resume", "t", cwd=tmp_path)
    assert done.returncode == ExitCode.USAGE
    assert done.stderr.endswith("the following arguments are required: JSON\n")


@pytest.mark.parametrize(
    "words",
    [
        ("runs", "show", "foo"),
        ("events", "foo"),
        ("streams", "list", "foo"),
        ("streams", "tail", "foo", "s"),
        ("hooks", "list", "foo"),
    ],
    ids=" ".join,
)
def test_what_is_no_run_id_is_a_wrong_command_line(
    words: tuple[str, ...], db: Session, tmp_path: Path
) -> None:
    done = run_command(*words, cwd=tmp_path, dsn=db.dsn)
    assert done.returncode == ExitCode.USAGE
    assert "'foo' is no run id: write 'wrun_' and 26 characters" in done.stderr


def test_the_app_is_named_where_it_is_needed(tmp_path: Path) -> None:
    done = run_command("dev", cwd=tmp_path)
    assert done.returncode == ExitCode.USAGE
    assert "MODULE:REGISTRY" in sentence(done)
