"""What runs were given, returned and failed with, as people and programs read it."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from vercel.workflow import FatalError, serializable
from zstandard import ZstdCompressor

from tests.cli.command import Command, run_python
from tests.support import WORKFLOW, Session, new_run_id
from workflow_pg import codec
from workflow_pg.cli import main
from workflow_pg.cli.output import ExitCode
from workflow_pg.sdk import _compat as sdk
from workflow_pg.sdk.keys import Key
from workflow_pg.sdk.run_keys import KEY_ID, PROJECT

HOSTILE = "a\x1b[2J\x07\u202eb"
HARMLESS = "a[2Jb"
SECRET = b"k" * 32


@serializable
class Point:
    """A class of an app, which no command imports."""

    def _workflow_serialize(self) -> dict[str, int]:
        return {"x": 1}

    @classmethod
    def _workflow_deserialize(cls, data: dict[str, int]) -> Point:
        raise AssertionError("nothing is made of what is only looked at")


def raised(message: str) -> Exception:
    """An error with a traceback, and with one that caused it."""
    try:
        try:
            {}["cents"]
        except KeyError as error:
            raise FatalError(message) from error
    except FatalError as error:
        return error
    raise AssertionError


def encoded(value: object, **options: Any) -> bytes:
    """A value as the SDK writes it, compressed when it is large."""
    return sdk.PayloadEncoder(compression=True, **options).encode(value)


def failed(db: Session, error: bytes, **options: Any) -> str:
    """A run that has failed with an error."""
    run_id = db.new_run(**options)
    db.append(run_id, "run_failed", payload=error, facts={"errorCode": "USER_ERROR"})
    return run_id


@pytest.mark.parametrize("size", [1, 3000], ids=["short", "compressed"])
def test_an_error_is_shown_as_python_writes_it(
    size: int, db: Session, command: Command
) -> None:
    message = "no such order " + "x" * size
    error = encoded(raised(message))
    assert error.startswith(b"devl" if size == 1 else b"zstd")
    run_id = failed(db, error)
    said = command("runs", "show", run_id)
    assert f"\nerror: FatalError: {message[:900]}" in said
    assert "\n  Traceback (most recent call last):\n" in said
    assert "\n      raise FatalError(message) from error\n" in said
    assert said.index("KeyError: 'cents'") < said.index("direct cause")
    assert "FatalError: no such order x" in command("events", run_id)

    found = json.loads(command("runs", "show", run_id, "--json"))
    assert found["run"]["error"] == b64encode(error).decode()
    decoded = found["decoded"]["error"]
    assert (decoded["name"], decoded["message"]) == ("FatalError", message)
    assert decoded["cause"]["name"] == "KeyError"
    last = json.loads(command("events", run_id, "--json"))[-1]
    assert last["decoded"] == decoded
    assert last["payload"] == b64encode(error).decode()


def test_a_long_traceback_is_cut_where_it_says_least(
    db: Session, command: Command
) -> None:
    error = raised("no")
    error.stack = "\n".join(f"line {n}" for n in range(200))  # type: ignore[attr-defined]
    said = command("runs", "show", failed(db, encoded(error)))
    assert "\n  line 199\n" in said
    assert "line 20\n" not in said


def test_a_traceback_that_two_errors_share_is_shown_once(
    db: Session, command: Command
) -> None:
    error = raised("no")
    assert error.__cause__ is not None
    for one in (error, error.__cause__):
        one.stack = "the same"  # type: ignore[attr-defined]
    said = command("runs", "show", failed(db, encoded(error)))
    assert said.count("\n  the same\n") == 1
    assert "direct cause" not in said


def test_values_are_shown_as_json(db: Session, command: Command) -> None:
    at = datetime(2024, 5, 6, tzinfo=UTC)
    value = [
        *("A17", 4200, None, True, Decimal("1.50"), at, b"\xff", {1}, Point()),
        {"ask": True, "rate": float("inf")},
    ]
    run_id = db.new_run(payload=encoded(value))
    shown = [
        *("A17", 4200, None, True, "1.50", at.isoformat(), {"bytes": "/w=="}, [1]),
        {"class": f"class//{__name__}//Point", "data": {"x": 1}},
        {"ask": True, "rate": "inf"},
    ]
    assert f"\ninput: {json.dumps(shown)}\n" in command("runs", "show", run_id)
    found = json.loads(command("runs", "show", run_id, "--json"))
    assert found["decoded"] == {"input": shown}


def test_json_and_cbor_are_read_without_the_sdk(
    db: Session, tmp_path: Path, command: Command
) -> None:
    (created,) = db.call(
        "create_run",
        run_id=None,
        workflow_name=WORKFLOW,
        input=codec.encode({"id": Decimal("1.5"), "raw": b"x"}),
        codec="cbor",
    )
    run_id = created["run_id"]
    error = b'{"name": "Stop", "message": "no \\u001b[2J"}'
    db.append(run_id, "run_failed", payload=error, codec="json", facts={})
    assert 'input: {"id": "1.5", "raw": {"bytes": "eA=="}}\n' in command(
        "runs", "show", run_id
    )
    assert "\nerror: Stop: no [2J\n" in command("runs", "show", run_id)
    other = failed(db, encoded(raised("x" * 3000)), payload=encoded(["A17"]))
    code = (
        "import sys; sys.modules['vercel'] = None; from workflow_pg.cli import main;"
        " [main(['runs', 'show', run]) for run in sys.argv[1:]]"
    )
    done = run_python("-c", code, run_id, other, cwd=tmp_path, dsn=db.dsn)
    assert done.stderr == ""
    assert "error: Stop: no [2J\n" in done.stdout
    assert "\ninput: 15 bytes in the format of the SDK, which cannot be" in done.stdout
    assert " bytes, compressed, in the format of the SDK, which can" in done.stdout
    assert "pip install 'workflow-pg[sdk]'" in done.stdout


@pytest.mark.parametrize(
    "text",
    ["[" * 900 + "]" * 900, "[1e999]", "9" * 5000],
    ids=["deep", "inf", "digits"],
)
def test_json_of_any_kind_is_shown_as_it_was_written(
    text: str, db: Session, command: Command
) -> None:
    run_id = db.new_run()
    db.append(run_id, "run_completed", payload=text.encode(), codec="json")
    assert f"\noutput: {text[:900]}" in command("runs", "show", run_id)
    found = json.loads(command("runs", "show", run_id, "--json"))
    assert found["decoded"] == ({"output": ["inf"]} if "e" in text else {})
    assert len(json.loads(command("events", run_id, "--json"))) == 3


def test_hostile_payloads_do_nothing_to_a_terminal(
    db: Session, command: Command
) -> None:
    error = raised(HOSTILE)
    error.stack = f"  {HOSTILE}\n{HOSTILE}\r\x1b[1A"  # type: ignore[attr-defined]
    run_id = failed(db, encoded(error), payload=encoded([{HOSTILE: HOSTILE}]))
    said = command("runs", "show", run_id) + command("events", run_id)
    assert not {"\x1b", "\x07", "\u202e", "\r"} & set(said)
    assert f"\nerror: FatalError: {HARMLESS}\n" in said
    assert f"\n    {HARMLESS}\n  {HARMLESS}\n  [1A\n" in said
    escaped = "a\\u001b[2J\\u0007b"
    assert f'input: [{{"{escaped}": "{escaped}"}}]\n' in said
    assert command("runs", "show", run_id, "--json").isascii()


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (b"devl", "4 bytes, not readable by this SDK"),
        (b'devl[["Nonesuch",1],2]', "22 bytes, not readable by this SDK"),
        (b"zstd" + bytes(10), "14 bytes, compressed, not readable by this SDK"),
        (b"gzip" + bytes(10), "14 bytes, compressed, not readable by this SDK"),
        # Each of its lists has the one before it twice.
        (
            b"devl["
            + b",".join(b"[%d,%d]" % (n + 1, n + 1) for n in range(40))
            + b",1]",
            "too large to be shown",
        ),
        (b"devl" + b"[" * 100_000, "too deep to be shown"),
        (
            b"zstd" + ZstdCompressor().compress(b"devl[" + bytes(40 * 2**20)),
            "compressed, not readable by this SDK",
        ),
    ],
    ids=["empty", "tag", "zstd", "gzip", "twice", "deep", "bomb"],
)
def test_what_cannot_be_read_is_said_in_words(
    payload: bytes, words: str, db: Session, command: Command
) -> None:
    run_id = db.new_run(payload=payload)
    assert words in command("runs", "show", run_id)
    assert json.loads(command("runs", "show", run_id, "--json"))["decoded"] == {}


def encrypted_run(db: Session) -> str:
    """A run whose input is encrypted with key k."""
    run_id = new_run_id()
    own = sdk.derive_run_key(SECRET, project_id=PROJECT, run_id=run_id)
    facts = {
        "workflowName": WORKFLOW,
        "deploymentId": "default",
        "encryptionPublicKey": sdk.derive_run_public_key(own),
        "executionContext": {KEY_ID: "k"},
    }
    payload = encoded(["A17"], encryption_key=own)
    return db.new_run(run_id=run_id, facts=facts, payload=payload)


def test_what_is_encrypted_is_read_with_its_key_alone(
    db: Session,
    command: Command,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run_id = encrypted_run(db)
    assert "\ninput: encrypted, " in command("runs", "show", run_id)
    assert "encrypted, " in command("events", run_id)
    keys = tmp_path / "keys"
    keys.write_text(f"k:{b64encode(SECRET).decode()}\n")
    for words in (("runs", "show"), ("events",)):
        assert '["A17"]\n' in command(*words, run_id, "--keys", str(keys))
    monkeypatch.setenv("WORKFLOW_PG_KEYS", keys.read_text())
    assert '\ninput: ["A17"]\n' in command("runs", "show", run_id)

    # Another key, and none.
    key = Key("k", b"n" * 32)
    keys.write_text(f"{key.key_id}:{b64encode(key.secret).decode()}\n")
    words = ["runs", "show", run_id, "--dsn", db.dsn, "--keys"]
    assert main([*words, str(keys)]) == ExitCode.OK
    out, err = capsys.readouterr()
    assert "\ninput: encrypted, " in out
    assert "is another one" in err
    assert main([*words, str(tmp_path / "absent")]) == ExitCode.USAGE
    assert "cannot be read" in capsys.readouterr().err
