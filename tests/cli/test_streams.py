"""`workflow-pg streams ...`: lists, and chunks as they come."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.command import environment, wait_until
from tests.support import Session, new_run_id
from workflow_pg.cli import main
from workflow_pg.cli.output import ExitCode

Command = Callable[..., str]

# Clears the screen, rings, turns the writing round, breaks the line.
HOSTILE = "a\x1b[2J\x07\u202eb\nc"
HARMLESS = "a[2Jb c"


@pytest.fixture
def command(db: Session, capsys: pytest.CaptureFixture[str]) -> Command:
    """What a command prints that succeeds."""

    def run(*arguments: str) -> str:
        assert main(["streams", *arguments, "--dsn", db.dsn]) == ExitCode.OK
        out, err = capsys.readouterr()
        assert err == ""
        return out

    return run


def frame(payload: str) -> bytes:
    """A chunk as the SDK writes it."""
    data = b"devl" + payload.encode()
    return len(data).to_bytes(4, "big") + data


def write(db: Session, run_id: str, *chunks: bytes, name: str | None = None) -> str:
    """Write to a stream of a run, its default stream if none is named; its name."""
    name = name or run_id.replace("wrun_", "strm_") + "_user"
    db.call("write_stream", run_id=run_id, name=name, chunks=[*chunks])
    return name


def close(db: Session, run_id: str, name: str) -> None:
    """Close a stream."""
    db.call("close_stream", run_id=run_id, name=name)


def test_streams_are_listed_in_the_order_of_their_creation(
    db: Session, command: Command
) -> None:
    run_id = db.new_run()
    default = write(db, run_id, b"a", b"b")
    write(db, run_id, b"a", name="abort")
    close(db, run_id, "abort")
    heading, *lines = command("list", run_id).splitlines()
    assert heading.split() == ["stream", "chunks", "created", "closed"]
    assert [line.split()[:2] for line in lines] == [[default, "2"], ["abort", "1"]]
    assert [len(line.split()) for line in lines] == [4, 6]
    found = json.loads(command("list", run_id, "--json"))
    assert [stream["name"] for stream in found] == [default, "abort"]
    assert [stream["tail_index"] for stream in found] == [1, 0]
    assert found[0]["closed_at"] is None


def test_more_streams_than_a_page_has_are_all_listed(
    db: Session, command: Command
) -> None:
    db.rows(
        "select count(workflow_pg.write_stream('x', n::text, array['x'::bytea]))"
        " from generate_series(1, 1001) as n"
    )
    assert len(command("list", "x").splitlines()) == 1002


def test_a_run_without_streams_is_no_run_that_is_not_there(
    db: Session, command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("list", db.new_run()) == "no streams\n"
    for words in (["list"], ["tail"]):
        arguments = ["streams", *words, new_run_id(), "--dsn", db.dsn]
        assert main(arguments) == ExitCode.NOT_FOUND
        assert "does not exist" in capsys.readouterr().err


def test_tail_prints_payloads_until_the_end(db: Session, command: Command) -> None:
    run_id = db.new_run()
    name = write(db, run_id, frame('["hello"]'), b'{"healthy": true}', b"\xff\x00", b"")
    write(db, run_id, frame("[1]") + frame("[2]"))
    close(db, run_id, name)
    expected = [
        '0  "hello"',
        '1  {"healthy": true}',
        "2  2 bytes",
        "3  ",
        # Not one frame: so not the SDK's.
        "4  devl[1]devl[2]",
    ]
    assert command("tail", run_id).splitlines() == expected
    assert command("tail", run_id, name).splitlines() == expected
    assert command("tail", run_id, "--from", "3").splitlines() == expected[3:]
    assert command("tail", run_id, "--from", "-4").splitlines() == expected[1:]
    assert command("tail", run_id, "--from", "99") == ""


def test_tail_prints_json_lines(db: Session, command: Command) -> None:
    run_id = db.new_run()
    written = [b"\xff", b"b", frame('["hello"]')]
    name = write(db, run_id, *written)
    close(db, run_id, name)
    lines = command("tail", run_id, "--json").splitlines()
    found = [json.loads(line) for line in lines]
    assert [chunk["index"] for chunk in found] == [0, 1, 2]
    assert [b64decode(chunk["data"]) for chunk in found] == written
    assert [chunk.get("decoded") for chunk in found] == [None, None, "hello"]


def test_tail_prints_raw_bytes(
    db: Session, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    chunks = [frame("[1]"), b"\x1b[2J", b"\xff\x00"]
    write(db, "no run", *chunks, name="s")
    close(db, "no run", "s")
    arguments = ["streams", "tail", "no run", "s", "--raw", "--dsn", db.dsn]
    assert main(arguments) == ExitCode.OK
    assert capfdbinary.readouterr() == (b"".join(chunks), b"")


def test_hostile_chunks_do_nothing_to_a_terminal(db: Session, command: Command) -> None:
    write(db, "x", HOSTILE.encode(), frame(json.dumps([HOSTILE])), name="s\u202e")
    close(db, "x", "s\u202e")
    escaped = '"a\\u001b[2J\\u0007b\\nc"'
    assert command("tail", "x", "s\u202e") == f"0  {HARMLESS}\n1  {escaped}\n"
    assert "\u202e" not in command("list", "x")
    for words in (["tail", "x", "s\u202e"], ["list", "x"]):
        assert command(*words, "--json").isascii()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["tail", "no run"], "name one"),
        (["tail", "x", "s", "--raw", "--json"], "exclude each other"),
        (["tail", "x", "s", "--from", "one"], "no whole number"),
        (["tail", "x", "s", "--from", "1e3"], "no whole number"),
        (["tail", "x", "s", "--from", "--5"], "expected one argument"),
        (["tail", "x" * 300, "s"], "is malformed"),
        (["tail", "x", "s" * 2000], "is malformed"),
        (["tail", "x", ""], "no value"),
        (["list", ""], "no value"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_bad_input_is_one_sentence(
    db: Session,
    arguments: list[str],
    sentence: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with db.nothing_written():
        assert main(["streams", *arguments, "--dsn", db.dsn]) == ExitCode.USAGE
    out, err = capsys.readouterr()
    assert out == ""
    assert sentence in err


@pytest.mark.parametrize("status", ["completed", "failed", "cancelled"])
def test_nobody_waits_for_a_stream_of_a_run_that_is_over(
    status: str, db: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    run_id = db.new_run(status)
    told = ["streams", "tail", run_id, "nonesuch", "--dsn", db.dsn]
    assert main(told) == ExitCode.NOT_FOUND
    assert capsys.readouterr() == (
        "",
        f"workflow-pg: Run {run_id} is {status} and has no stream nonesuch:"
        f" `workflow-pg streams list {run_id}` prints those that it has.\n",
    )


def tailing(db: Session, *arguments: str, log: Path) -> subprocess.Popen[bytes]:
    """`streams tail` in a process of its own, whose output goes to a file."""
    with log.open("wb") as file:
        return subprocess.Popen(
            [sys.executable, "-m", "workflow_pg.cli", "streams", "tail", *arguments],
            env=environment(db.dsn),
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def test_tail_follows_until_the_close(db: Session, tmp_path: Path) -> None:
    run_id, log = db.new_run(), tmp_path / "log"
    process = tailing(db, run_id, log=log)
    try:
        wait_until(lambda: b"yet: waiting" in log.read_bytes())
        name = write(db, run_id, b"one")
        wait_until(lambda: b"0  one\n" in log.read_bytes())
        write(db, run_id, b"two")
        wait_until(lambda: b"1  two\n" in log.read_bytes())
        close(db, run_id, name)
        assert process.wait(30) == ExitCode.OK
    finally:
        process.kill()
        process.wait()
    assert log.read_bytes().endswith(b"yet: waiting\n0  one\n1  two\n")


def test_ctrl_c_is_how_one_stops_to_look(db: Session, tmp_path: Path) -> None:
    log = tmp_path / "log"
    write(db, "x", b"one", name="s")
    process = tailing(db, "x", "s", log=log)
    try:
        wait_until(lambda: b"0  one\n" in log.read_bytes())
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == ExitCode.OK
    finally:
        process.kill()
        process.wait()
    assert log.read_bytes() == b"0  one\n"
