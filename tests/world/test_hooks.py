"""`world.hooks`: what each method returns, on the real database."""

from __future__ import annotations

import pytest

from tests.support import Session
from workflow_pg import Codec, EventType, HookStatus, NotFound, World


async def test_create_claims_the_token(world: World, db: Session) -> None:
    run_id = db.new_run()
    reply = await world.hooks.create(
        run_id, "h", "token", metadata=b"{}", codec=Codec.JSON, is_webhook=False
    )
    assert (reply.event_type, reply.conflicting_run_id) == (
        EventType.HOOK_CREATED,
        None,
    )
    hook = await world.hooks.get_by_token("token")
    assert hook == await world.hooks.get(run_id, "h")
    assert (hook.run_id, hook.hook_id, hook.status) == (run_id, "h", HookStatus.LIVE)
    assert (hook.metadata, hook.metadata_codec) == (b"{}", Codec.JSON)
    assert (hook.is_webhook, hook.is_system) == (False, False)


async def test_a_held_token_is_a_conflict_and_no_error(
    world: World, db: Session
) -> None:
    holder, other = db.new_run(), db.new_run()
    await world.hooks.create(holder, "h", "token")
    reply = await world.hooks.create(other, "h", "token", is_system=True)
    assert reply.event_type is EventType.HOOK_CONFLICT
    assert reply.conflicting_run_id == holder
    with pytest.raises(NotFound):
        await world.hooks.get(other, "h")


async def test_receive_gives_the_hook_a_payload_once_per_key(
    world: World, db: Session
) -> None:
    run_id = db.new_run()
    await world.hooks.create(run_id, "h", "token")
    first = await world.hooks.receive(run_id, "h", b"hello", dedup_key="resume")
    assert first.event_type is EventType.HOOK_RECEIVED
    with db.nothing_written():
        again = await world.hooks.receive(run_id, "h", b"hello", dedup_key="resume")
    assert again == first
    await world.hooks.receive(run_id, "h", b"more", codec=Codec.CBOR, wake=False)
    payloads = [event["payload"] for event in db.log(run_id)[-2:]]
    assert payloads == [b"hello", b"more"]


async def test_dispose_frees_the_token(world: World, db: Session) -> None:
    run_id = db.new_run()
    await world.hooks.create(run_id, "h", "token")
    reply = await world.hooks.dispose(run_id, "h")
    assert reply.event_type is EventType.HOOK_DISPOSED
    with pytest.raises(NotFound, match="token"):
        await world.hooks.get_by_token("token")


async def test_list_pages_in_the_order_of_ids(world: World, db: Session) -> None:
    run_id = db.new_run()
    for name in ("c", "a", "b"):
        await world.hooks.create(run_id, name, f"token {name}", metadata=b"m")
    page = await world.hooks.list(run_id, limit=2)
    assert [hook.hook_id for hook in page] == ["a", "b"]
    (last,) = await world.hooks.list(run_id, after="b")
    assert (last.hook_id, last.metadata) == ("c", None)
