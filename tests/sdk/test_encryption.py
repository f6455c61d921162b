"""Encrypted runs: what the database can be read for, and which key a run has."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.sql import SQL
from vercel.workflow import (
    Run,
    WorkflowRunFailedError,
    get_hook_by_token,
    get_run,
    start,
)

from tests.sdk.apps import confiding
from tests.sdk.conftest import IS_POOLED
from tests.sdk.waiting import once_created, until
from tests.support import connect, new_run_id, tables
from workflow_pg.errors import BadKeys, KeyUnavailable
from workflow_pg.sdk import Key, KeyFile, KeyProvider, KeyRing, run_keys
from workflow_pg.sdk import _compat as sdk
from workflow_pg.sdk.worker import Worker
from workflow_pg.sdk.world import PostgresWorld

OLD, NEW = Key("2025", b"o" * 32), Key("2026", b"n" * 32)


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget what other tests counted, and let no secret hide by being compressed."""
    confiding.RAN.clear()
    monkeypatch.setenv("WORKFLOW_DISABLE_COMPRESSION", "1")


@contextlib.asynccontextmanager
async def process(
    dsn: str, keys: KeyProvider | None, *, works: bool = False, steps: bool = True
) -> AsyncGenerator[PostgresWorld]:
    """The World of a process with these keys; a worker, for steps too, or none."""
    threshold = None if IS_POOLED else 5
    world = PostgresWorld(dsn, max_size=12, keys=keys, prepare_threshold=threshold)
    before = sdk.get_world()
    sdk.set_world(world)
    stop = asyncio.Event()
    task = None
    if works:
        worker = Worker(confiding.wf, world)
        worker.steps = worker.steps if steps else []
        task = asyncio.create_task(worker.run(stop))
    try:
        yield world
    finally:
        stop.set()
        if task is not None:
            await task
        await world.worlds.close()
        sdk.set_world(before)


def stored(dsn: str) -> bytes:
    """Every row of every table, as `pg_dump` would have them, bytes as they are."""
    with connect(dsn) as session, session.conn.cursor() as cursor:
        found = b""
        for table in tables(session):
            with cursor.copy(
                SQL("copy {} to stdout (format binary)").format(table)
            ) as rows:
                found += b"".join(map(bytes, rows))
        return found


async def resume(token: str, text: str) -> None:
    """Resume a hook, as soon as its run has created it."""
    confession = confiding.Confession(text=text)
    await once_created(lambda: confession.resume(token))  # pyright: ignore[reportUnknownMemberType]


async def stream(dsn: str) -> Run[str]:
    """A run that has streamed a secret, and is over."""
    async with process(dsn, KeyRing(NEW), works=True):
        run = await start(confiding.everything, "secret-input")
        assert [chunk async for chunk in run.readable()] == ["secret-chunk"]
        await run.terminate()
    return run


async def confess(dsn: str, keys: KeyProvider | None) -> None:
    """Have every secret written, and read by who has the keys."""
    async with process(dsn, keys, works=True):
        run = await start(confiding.everything, "secret-input")
        assert [chunk async for chunk in run.readable()] == ["secret-chunk"]
        aside = run.readable(namespace="aside")
        assert [chunk async for chunk in aside] == ["secret-named-chunk"]
        await until(lambda: "hold" in confiding.RAN)
        await once_created(lambda: get_hook_by_token("token-open"))
        hook = await get_hook_by_token("token-open")
        assert hook.metadata == "secret-metadata"
        await resume("token-open", "secret-payload")
        assert await run.return_value() == "secret-output"
        doomed = await start(confiding.doomed)
        with pytest.raises(WorkflowRunFailedError, match="secret-run-error"):
            await doomed.return_value()
        ended = await start(confiding.listen, "token-listen")
        await ended.terminate(reason="reason-open")


async def test_an_encrypted_database_tells_no_secret(dsn: str) -> None:
    await confess(dsn, KeyRing(NEW))
    found = stored(dsn)
    assert [one for one in confiding.SECRETS if one.encode() in found] == []
    # Names, tokens, reasons of terminations and ids of keys are no secrets.
    for word in (b"everything", b"whisper", b"token-open", b"reason-open", b'"2026"'):
        assert word in found


async def test_without_keys_the_database_tells_all(dsn: str) -> None:
    await confess(dsn, None)
    found = stored(dsn)
    assert [one for one in confiding.SECRETS if one.encode() not in found] == []


async def test_a_run_whose_key_was_forgotten_meanwhile_is_not_started(
    dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_keys, "REMEMBERED", 0)
    async with process(dsn, KeyRing(NEW)):
        with pytest.raises(KeyUnavailable, match="was forgotten before it was started"):
            await start(confiding.brief, "secret-input")
    with psycopg.connect(dsn) as conn:
        query = "select count(*) from workflow_pg.runs"
        assert conn.execute(query).fetchone() == (0,)


async def test_a_run_stays_with_the_key_it_was_started_with(dsn: str) -> None:
    async with process(dsn, KeyRing(OLD)):
        old = await start(confiding.brief, "secret-input")
    async with process(dsn, KeyRing(NEW, OLD), works=True) as world:
        new = await start(confiding.brief, "secret-input")
        assert await get_run(old.run_id).return_value() == "secret-result"
        assert await new.return_value() == "secret-result"
        contexts = [
            (await world.runs_get(run.run_id)).execution_context for run in (old, new)
        ]
    assert [(one or {})["encryptionKeyId"] for one in contexts] == ["2025", "2026"]


async def test_after_the_old_key_is_gone_its_runs_are(dsn: str) -> None:
    async with process(dsn, KeyRing(OLD), works=True):
        run = await start(confiding.brief, "secret-input")
        assert await run.return_value() == "secret-result"
        doomed = await start(confiding.doomed)
        with pytest.raises(WorkflowRunFailedError, match="secret-run-error"):
            await doomed.return_value()
        waiting = await start(confiding.expect, "t")
        await once_created(lambda: get_hook_by_token("t"))

    def told(run: Run[Any]) -> str:
        return (
            f"run {run.run_id} is encrypted with key 2025, which this process does not"
            " have: add it to its keys"
        )

    async with process(dsn, KeyRing(NEW)):
        with pytest.raises(KeyUnavailable) as caught:
            await get_run(run.run_id).return_value()
        assert str(caught.value) == told(run)
        with pytest.raises(WorkflowRunFailedError, match=told(doomed)):
            await get_run(doomed.run_id).return_value()
        with pytest.raises(KeyUnavailable, match=told(waiting)):
            await get_hook_by_token("t")
        await waiting.terminate()


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (None, "this process has no keys"),
        (KeyRing(OLD), "which this process does not have"),
        (KeyRing(Key("2026", b"x" * 32)), "the key 2026 of this process is another"),
    ],
    ids=["no keys", "other keys", "another key of this id"],
)
async def test_a_worker_without_the_key_leaves_the_run_to_one_that_has_it(
    dsn: str, conn: psycopg.Connection, keys: KeyProvider | None, words: str
) -> None:
    async with process(dsn, KeyRing(NEW)) as world:
        run = await start(confiding.brief, "secret-input")

    def error() -> str | None:
        row = conn.execute(
            "select max(last_error) from workflow_pg_private.messages"
        ).fetchone()
        return row[0] if row else None

    async with process(dsn, keys, works=True):
        await until(error)
    assert words in (error() or "")
    assert f"run {run.run_id} is encrypted with key 2026" in (error() or "")
    sentences = conn.execute(
        "select sentence from workflow_pg.why(%s)", [run.run_id]
    ).fetchall()
    assert any(words in sentence for (sentence,) in sentences)
    async with process(dsn, KeyRing(NEW), works=True) as world:
        assert await get_run(run.run_id).return_value() == "secret-result"
        assert (await world.runs_get(run.run_id)).status == "completed"


async def test_a_worker_without_the_key_costs_a_step_no_attempt(dsn: str) -> None:
    with connect(dsn) as session:

        def dispatch() -> Any:
            return session.rows(
                "select last_error from workflow_pg_private.messages"
                " where kind = 'step'"
            )

        async with process(dsn, KeyRing(NEW), works=True, steps=False):
            run = await start(confiding.brief, "secret-input")
            await until(dispatch)
        async with process(dsn, None, works=True):
            await until(lambda: dispatch()[0]["last_error"])
        assert "is encrypted with key 2026" in dispatch()[0]["last_error"]
        (step,) = session.call("list_steps", run_id=run.run_id)
        assert (step["status"], step["attempt"]) == ("pending", 0)
        async with process(dsn, KeyRing(NEW), works=True):
            assert await get_run(run.run_id).return_value() == "secret-result"
        (step,) = session.call("list_steps", run_id=run.run_id)
        assert (step["status"], step["attempt"]) == ("completed", 1)


async def test_who_resumes_a_hook_needs_no_key(dsn: str) -> None:
    async with process(dsn, KeyRing(NEW), works=True):
        run = await start(confiding.listen, "t")
        await until(lambda: has_hook(dsn, run))
    async with process(dsn, None):
        await resume("t", "secret-payload")
        assert b"secret-payload" not in stored(dsn)
    async with process(dsn, KeyRing(NEW), works=True):
        assert await get_run(run.run_id).return_value() == "secret-payload"


def has_hook(dsn: str, run: Run[Any]) -> bool:
    """Whether a run has created its hook."""
    with connect(dsn) as session:
        return session.call("list_hooks", run_id=run.run_id) != []


async def test_a_run_that_was_started_before_there_were_keys_stays_readable(
    dsn: str,
) -> None:
    async with process(dsn, None, works=True):
        run = await start(confiding.listen, "t")
        await until(lambda: has_hook(dsn, run))
    async with process(dsn, KeyRing(NEW), works=True):
        await resume("t", "secret-payload")
        assert await get_run(run.run_id).return_value() == "secret-payload"
    async with process(dsn, None):
        assert await get_run(run.run_id).return_value() == "secret-payload"


async def test_json_from_psql_is_not_encrypted(dsn: str) -> None:
    name = f"workflow//{confiding.__name__}//brief"
    with connect(dsn) as session:
        (created,) = session.call(
            "create_run",
            run_id=None,
            workflow_name=name,
            input=b'["secret-input"]',
            codec="json",
        )
        async with process(dsn, KeyRing(NEW), works=True):
            run: Run[str] = get_run(created["run_id"])
            assert await run.return_value() == "secret-result"
        (found,) = session.call("get_run", run_id=created["run_id"])
    assert found["output"] == b'"secret-result"'


async def test_json_from_psql_resumes_the_hook_of_an_encrypted_run(dsn: str) -> None:
    async with process(dsn, KeyRing(NEW), works=True):
        run = await start(confiding.listen, "t")
        await until(lambda: has_hook(dsn, run))
        with connect(dsn) as session:
            (hook,) = session.call("list_hooks", run_id=run.run_id)
            session.call(
                "receive_hook",
                run_id=run.run_id,
                hook_id=hook["hook_id"],
                payload=b'{"text": "from psql"}',
                codec="json",
            )
        assert await run.return_value() == "from psql"
        (found,) = session_of(dsn, run)
        assert found["output"][:4] == b"encr"


def session_of(dsn: str, run: Run[Any]) -> list[dict[str, Any]]:
    """The run as it is stored."""
    with connect(dsn) as session:
        return session.call("get_run", run_id=run.run_id)


async def test_a_start_that_is_only_a_message_has_its_key(dsn: str) -> None:
    async with process(dsn, KeyRing(NEW)) as world:
        run_id = new_run_id()
        key = await world.run_key(run_id)
        assert key is not None
        name = confiding.brief.workflow_id
        given = {
            "input": sdk.PayloadEncoder(encryption_key=key).encode(["secret-input"]),
            "deploymentId": "default",
            "workflowName": name,
            "specVersion": 5,
            "encryptionPublicKey": sdk.derive_run_public_key(key),
        }
        await world.queue(
            f"__wkf_workflow_{name}",
            sdk.WorkflowInvokePayload.from_wire({"runId": run_id, "runInput": given}),
            deployment_id="default",
        )
    async with process(dsn, KeyRing(OLD, NEW), works=True):
        await until(lambda: b"run_started" in stored(dsn))
        assert await get_run(run_id).return_value() == "secret-result"


async def test_a_reader_without_the_key_gets_no_chunk(
    dsn: str, caplog: pytest.LogCaptureFixture
) -> None:
    run = await stream(dsn)
    async with process(dsn, None):
        with pytest.raises(Exception, match=r"chunk 0 of stream .* is encrypted"):
            await anext(get_run(run.run_id).readable())
    assert f"run {run.run_id} is encrypted with key 2026" in caplog.text


async def test_pages_of_chunks_are_opened_too(dsn: str) -> None:
    run = await stream(dsn)
    async with process(dsn, KeyRing(NEW)) as world:
        name = f"{run.run_id.replace('wrun', 'strm')}_user"
        page = await world.streams_get_chunks(run.run_id, name)
        ours = await (await world.worlds.get()).streams.page(run.run_id, name)
    assert page.data[0].data.endswith(b'devl["secret-chunk"]')
    assert ours.chunks[0][4:8] == b"encr"


async def test_a_chunk_that_somebody_changed_is_not_read(
    dsn: str, caplog: pytest.LogCaptureFixture
) -> None:
    run = await stream(dsn)
    with connect(dsn) as session:
        session.do(
            "update workflow_pg.stream_chunks"
            "   set data = set_byte(data, 20, get_byte(data, 20) # 1)"
        )
    async with process(dsn, KeyRing(NEW)):
        with pytest.raises(Exception, match="is encrypted"):
            await anext(run.readable())
    assert "a chunk cannot be opened" in caplog.text


async def test_keys_may_come_from_a_function(dsn: str) -> None:
    asked: list[str | None] = []

    async def vault(key_id: str | None) -> Key | None:
        asked.append(key_id)
        return {None: NEW, "2026": NEW, "2025": OLD}.get(key_id)

    async with process(dsn, vault, works=True):
        run = await start(confiding.brief, "secret-input")
        assert await run.return_value() == "secret-result"
    # Once for the run, however often its payloads are read and written.
    assert asked == [None]
    async with process(dsn, vault):
        assert await get_run(run.run_id).return_value() == "secret-result"
    assert asked == [None, "2026"]


async def test_a_function_may_leave_runs_unencrypted(dsn: str) -> None:
    async with process(dsn, lambda _: None, works=True):
        run = await start(confiding.brief, "secret-input")
        assert await run.return_value() == "secret-result"
    assert b"secret-result" in stored(dsn)


async def test_a_function_that_gives_another_key_is_found_out(dsn: str) -> None:
    async with process(dsn, KeyRing(OLD)):
        run = await start(confiding.brief, "secret-input")
    async with process(dsn, lambda _: NEW) as world:
        with pytest.raises(BadKeys, match="asked for key 2025 and gave 2026"):
            await world.run_key(run.run_id)
        await run.terminate()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A key file with one key."""
    path = tmp_path / "keys"
    path.write_text("old:" + "A" * 43 + "=\n")
    return path


def prepend(file: Path, line: str) -> None:
    """Make a key the current one."""
    file.write_text(line + file.read_text())


async def test_a_key_file_is_read_again_after_it_has_changed(
    dsn: str, file: Path
) -> None:
    keys = KeyFile(file)
    async with process(dsn, keys, works=True) as world:
        old = await start(confiding.brief, "secret-input")
        prepend(file, "new:" + "B" * 43 + "=\n")
        new = await start(confiding.brief, "secret-input")
        for run in (old, new):
            assert await run.return_value() == "secret-result"
        context = (await world.runs_get(new.run_id)).execution_context or {}
    assert context["encryptionKeyId"] == "new"


async def test_what_is_known_of_runs_does_not_grow_for_ever(
    dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workflow_pg.sdk.run_keys.REMEMBERED", 2)
    # Apart: a worker beside them would have two looks at other runs between the choice
    # of a run's key and its start, which with ten thousand is nobody's case.
    async with process(dsn, KeyRing(NEW)):
        runs = [await start(confiding.brief, "secret-input") for _ in range(5)]
    async with process(dsn, KeyRing(NEW), works=True):
        for run in runs:
            assert await run.return_value() == "secret-result"
