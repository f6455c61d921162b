"""`start_once`: one run for one key, however many start."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from hashlib import sha256
from typing import Any

import psycopg
import pytest
from vercel.workflow import HookNotFoundError, WorkflowWorldError, start

from tests.sdk.apps import shop
from tests.sdk.conftest import Working
from tests.sdk.hands import installed
from tests.sdk.proxy import Cut, Proxy
from tests.sdk.test_runs import count, queue_is_empty
from tests.sdk.test_use_connection import ids
from tests.sdk.waiting import until
from workflow_pg import Conflict
from workflow_pg.sdk import (
    Key,
    KeyPolicy,
    KeyProvider,
    KeyRing,
    KeyScope,
    start_once,
    use_connection,
)
from workflow_pg.sdk import _compat as sdk
from workflow_pg.sdk.world import PostgresWorld


async def test_the_second_start_gets_the_run_of_the_first(
    working: Working, conn: psycopg.Connection
) -> None:
    async with working():
        first = await start_once(shop.one_step, 2, 3, key="sum")
        assert await first.return_value() == 5
        again = await start_once(shop.one_step, 2, right=3, key="sum")
        assert again.run_id == first.run_id
        assert await again.return_value() == 5
    assert shop.ran == {f"{first.run_id}:add": 1}
    await queue_is_empty(conn)


@pytest.mark.usefixtures("world")
async def test_of_ten_starts_at_once_one_run_comes(conn: psycopg.Connection) -> None:
    runs = await asyncio.gather(
        *(start_once(shop.no_step, "you", key="one") for _ in range(10))
    )
    assert {run.run_id for run in runs} == ids(conn)
    assert len(ids(conn)) == 1
    assert count(conn, "workflow_pg_private.messages") == 1


@pytest.mark.usefixtures("world")
async def test_a_key_that_is_taken_tells_its_run() -> None:
    run = await start_once(shop.no_step, "you", key="one")
    with pytest.raises(Conflict, match="start key 'one' is taken") as refusal:
        await start_once(shop.no_step, "you", key="one", policy=KeyPolicy.REFUSE)
    assert refusal.value.detail["run_id"] == run.run_id


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    ("workflow", "argument"), [(shop.no_step, "me"), (shop.claim, "you")]
)
async def test_another_start_under_the_key_is_refused(
    conn: psycopg.Connection, workflow: Any, argument: str
) -> None:
    run = await start_once(shop.no_step, "you", key="one")
    with pytest.raises(Conflict, match="stands for another start"):
        await start_once(workflow, argument, key="one")
    assert ids(conn) == {run.run_id}


async def test_a_key_of_scope_live_starts_again_after_the_end(
    working: Working, conn: psycopg.Connection
) -> None:
    async with working():
        first = await start_once(shop.no_step, "you", key="one", scope=KeyScope.LIVE)
        assert await first.return_value() == "hello you"
        again = await start_once(shop.no_step, "me", key="one", scope=KeyScope.LIVE)
        assert await again.return_value() == "hello me"
    assert ids(conn) == {first.run_id, again.run_id}


@pytest.mark.usefixtures("world")
async def test_a_key_of_scope_timed(conn: psycopg.Connection) -> None:
    timed: Any = {"key": "one", "scope": KeyScope.TIMED, "ttl": timedelta(hours=1)}
    first = await start_once(shop.no_step, "you", **timed)
    assert (await start_once(shop.no_step, "you", **timed)).run_id == first.run_id
    conn.execute("update workflow_pg_private.start_keys set expires_at = now()")
    assert (await start_once(shop.no_step, "you", **timed)).run_id != first.run_id


@pytest.mark.usefixtures("world")
async def test_a_start_that_is_wrong_says_so_and_takes_no_key(
    conn: psycopg.Connection,
) -> None:
    with pytest.raises(TypeError, match="missing"):
        await start_once(shop.no_step, key="one")
    with pytest.raises(WorkflowWorldError, match="scope timed needs one") as refusal:
        await start_once(shop.no_step, "you", key="one", scope=KeyScope.TIMED)
    assert refusal.value.status == 400
    assert count(conn, "workflow_pg_private.start_keys") == 0


@pytest.mark.usefixtures("world")
async def test_long_arguments_are_compared_and_not_their_bytes(
    conn: psycopg.Connection,
) -> None:
    """What is compressed may differ from process to process."""
    run = await start_once(shop.no_step, "you " * 100_000, key="one")
    payload = conn.execute("select payload from workflow_pg.events").fetchone()
    assert payload is not None
    assert len(payload[0]) < 100_000
    conn.execute("update workflow_pg.events set payload = 'other bytes'")
    again = await start_once(shop.no_step, "you " * 100_000, key="one")
    assert again.run_id == run.run_id


OLD, NEW = Key("old", b"o" * 32), Key("new", b"n" * 32)


@contextlib.asynccontextmanager
async def with_keys(dsn: str, *keys: Key) -> AsyncGenerator[None]:
    """The World of this process has these encryption keys while the block runs."""
    async with with_provider(dsn, KeyRing(*keys) if keys else None):
        yield


def with_provider(
    dsn: str, provider: KeyProvider | None
) -> AbstractAsyncContextManager[None]:
    """The World of this process asks for its encryption keys here."""
    return installed(PostgresWorld(dsn, prepare_threshold=None, keys=provider))


async def test_a_digest_does_not_tell_what_is_encrypted(
    dsn: str, conn: psycopg.Connection
) -> None:
    async with with_keys(dsn, OLD):
        run = await start_once(shop.no_step, "you", key="one")
        assert (await start_once(shop.no_step, "you", key="one")).run_id == run.run_id
        with pytest.raises(Conflict, match="stands for another start"):
            await start_once(shop.no_step, "me", key="one")
    plain = sha256(sdk.plain_input(shop.no_step, ("you",), {})).digest()
    guessed = conn.execute(
        "select workflow_pg_private.start_digest(%s, 'opaque', null, %s) = digest"
        "  from workflow_pg_private.start_keys",
        (shop.no_step.workflow_id, plain),
    ).fetchone()
    assert guessed == (False,)


@pytest.mark.parametrize("before", [[OLD], []], ids=["another key", "no key"])
async def test_a_start_is_the_same_after_its_encryption_key_was_changed(
    dsn: str, conn: psycopg.Connection, before: list[Key]
) -> None:
    async with with_keys(dsn, *before):
        run = await start_once(shop.no_step, "you", key="one")
    async with with_keys(dsn, NEW, *before):
        again = await start_once(shop.no_step, "you", key="one")
        with pytest.raises(Conflict, match="stands for another start"):
            await start_once(shop.no_step, "me", key="one")
        async with await psycopg.AsyncConnection.connect(dsn) as own:
            with use_connection(own):
                joined = await start_once(shop.no_step, "you", key="one")
            with use_connection(own, savepoints=False), pytest.raises(Conflict):
                await start_once(shop.no_step, "you", key="one")
    assert run.run_id == again.run_id == joined.run_id
    assert ids(conn) == {run.run_id}


async def test_a_key_that_is_free_by_then_gets_the_digest_of_the_new_encryption_key(
    dsn: str, conn: psycopg.Connection
) -> None:
    live: Any = {"key": "one", "scope": KeyScope.LIVE}
    async with with_keys(dsn, OLD):
        first = await start_once(shop.no_step, "you", **live)

    def keys(key_id: str | None) -> Key:
        if key_id != "old":
            return NEW
        # Asked for while the start looks whether it is the same: now the run ends.
        conn.execute("select workflow_pg.cancel_run(%s)", (first.run_id,))
        return OLD

    async with with_provider(dsn, keys):
        second = await start_once(shop.no_step, "you", **live)
    assert second.run_id != first.run_id
    async with with_keys(dsn, NEW):
        again = await start_once(shop.no_step, "you", **live)
    assert again.run_id == second.run_id


async def test_an_encryption_key_is_changed_in_the_midst_of_a_start(dsn: str) -> None:
    current = iter([OLD])

    def keys(key_id: str | None) -> Key | None:
        known = {"old": OLD, "new": NEW}
        return next(current, NEW) if key_id is None else known[key_id]

    async with with_provider(dsn, keys):
        run = await start_once(shop.no_step, "you", key="one")
    async with with_keys(dsn, NEW, OLD):
        again = await start_once(shop.no_step, "you", key="one")
    assert again.run_id == run.run_id


async def test_an_encrypted_start_refuses_nothing_on_its_way(
    dsn: str, conn: psycopg.Connection
) -> None:
    """It asks whether its run is there; the answer must not abort a transaction."""
    async with (
        with_keys(dsn, NEW),
        await psycopg.AsyncConnection.connect(dsn) as own,
    ):
        with use_connection(own, savepoints=False):
            run = await start(shop.no_step, "you")
        await own.commit()
        assert ids(conn) == {run.run_id}


@pytest.mark.parametrize("end", ["commit", "rollback"])
@pytest.mark.usefixtures("world")
async def test_a_start_waits_for_the_transaction_that_holds_its_key(
    dsn: str, conn: psycopg.Connection, end: str
) -> None:
    async with await psycopg.AsyncConnection.connect(dsn) as own:
        with use_connection(own):
            mine = await start_once(shop.no_step, "you", key="one")
            assert (await start_once(shop.no_step, "you", key="one")).run_id == (
                mine.run_id
            )
            with pytest.raises(Conflict):
                await start_once(shop.no_step, "me", key="one")
            with pytest.raises(HookNotFoundError):
                await shop.resume("nobody", "hello")
        other = asyncio.create_task(start_once(shop.no_step, "you", key="one"))
        waiting = (
            "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
            " and datname = current_database()"
        )
        await until(lambda: conn.execute(waiting).fetchone() == (1,))
        await (own.commit() if end == "commit" else own.rollback())
        theirs = await other
    assert (theirs.run_id == mine.run_id) == (end == "commit")
    assert ids(conn) == {theirs.run_id}


@pytest.mark.parametrize("at_reply", [False, True], ids=["before commit", "after"])
async def test_a_connection_cut_around_the_commit_starts_one_run(
    dsn: str, conn: psycopg.Connection, *, at_reply: bool
) -> None:
    proxy = Proxy(dsn)
    async with proxy.open() as through:
        world = PostgresWorld(through, prepare_threshold=None)
        before = sdk.get_world()
        sdk.set_world(world)
        try:
            proxy.cut = Cut(b"workflow_pg.create_keyed_run(", at_reply)
            run = await start_once(
                shop.no_step, "you", key="one", policy=KeyPolicy.REFUSE
            )
        finally:
            await world.worlds.close()
            sdk.set_world(before)
    assert proxy.cut.is_done
    assert ids(conn) == {run.run_id}
