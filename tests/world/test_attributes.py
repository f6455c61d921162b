"""`world.runs`: attributes of runs, set, read and looked for."""

from __future__ import annotations

import pytest

from tests.support import WORKFLOW, Session
from workflow_pg import (
    Conflict,
    EventType,
    LimitExceeded,
    MalformedCall,
    NotFound,
    RunStatus,
    World,
)


async def test_set_attributes_sets_and_deletes(world: World, db: Session) -> None:
    run_id = (await world.runs.create(WORKFLOW, b"in")).run_id
    reply = await world.runs.set_attributes(run_id, {"a": "1", "b": "ä\n\U0001f600"})
    assert (reply.seq, reply.event_type) == (2, EventType.ATTR_SET)
    assert (reply.run_status, reply.correlation_id) == (RunStatus.PENDING, None)
    await world.runs.set_attributes(run_id, {"a": None, "c": ""})
    run = await world.runs.get(run_id)
    assert run.attributes == {"b": "ä\n\U0001f600", "c": ""}
    assert (await world.runs.start(run_id)).attributes == run.attributes
    _, _, last, _ = await world.events.list(run_id)
    assert last.facts == {
        "changes": [{"key": "a", "value": None}, {"key": "c", "value": ""}],
        "writer": {"type": "api"},
    }


async def test_set_attributes_says_for_whom(world: World, db: Session) -> None:
    run_id = db.new_run()
    await world.runs.set_attributes(
        run_id, {"$a": "1"}, writer="workflow", correlation_id="attr_1", dedup_key="k",
        allow_reserved=True,
    )  # fmt: skip
    await world.runs.set_attributes(
        run_id, {"a": "1"}, writer="step", step_id="step_1", attempt=3, spec_version=5
    )
    *_, body, step = await world.events.list(run_id)
    assert (body.correlation_id, step.correlation_id) == ("attr_1", None)
    assert body.facts is not None
    assert body.facts["allowReservedAttributes"] is True
    assert step.facts is not None
    assert step.facts["writer"] == {"type": "step", "stepId": "step_1", "attempt": 3}
    assert step.spec_version == 5


async def test_set_attributes_with_its_key_repeated_returns_the_first_reply(
    world: World, db: Session
) -> None:
    run_id = db.new_run()
    first = await world.runs.set_attributes(run_id, {"a": "1"}, dedup_key="k")
    with db.nothing_written():
        again = await world.runs.set_attributes(run_id, {"a": "1"}, dedup_key="k")
    assert again == first
    with db.nothing_written(), pytest.raises(Conflict, match="another call"):
        await world.runs.set_attributes(run_id, {"a": "2"}, dedup_key="k")


async def test_create_and_start_take_attributes(world: World) -> None:
    attributes = {"tenant": "t1", "$parentRunId": "wrun_1"}
    created = await world.runs.create(
        WORKFLOW, b"in", attributes=attributes, allow_reserved=True
    )
    assert (await world.runs.get(created.run_id)).attributes == attributes
    other = await world.runs.create(WORKFLOW, b"in")
    assert (await world.runs.get(other.run_id)).attributes == {}
    with pytest.raises(LimitExceeded, match="reserved"):
        await world.runs.create(WORKFLOW, b"in", attributes=attributes)


async def test_list_keeps_to_attributes(world: World) -> None:
    ids = [
        (await world.runs.create(WORKFLOW, b"in", attributes=attributes)).run_id
        for attributes in ({"a": "1"}, {"a": "1", "b": "2"}, {"a": "2"})
    ]
    found = await world.runs.list(attributes={"a": "1"})
    assert [run.run_id for run in found] == [ids[1], ids[0]]
    (run,) = await world.runs.list(attributes={"b": "2", "a": "1"})
    assert run.attributes == {"a": "1", "b": "2"}
    await world.runs.cancel(ids[0])
    (run,) = await world.runs.list(attributes={"a": "1"}, status=RunStatus.PENDING)
    assert run.run_id == ids[1]


async def test_refusals_have_their_classes(world: World, db: Session) -> None:
    run_id = db.new_run()
    runs = world.runs
    with db.nothing_written():
        with pytest.raises(LimitExceeded) as caught:
            await runs.set_attributes(run_id, {"a": "v" * 257})
        assert caught.value.detail == {
            "argument": "attributes", "key": "a", "bytes": 257, "limit": 256
        }  # fmt: skip
        assert str(caught.value) == (
            "the value of attribute 'a' has 257 bytes: at most 256 are allowed"
        )
        with pytest.raises(MalformedCall, match="at least one"):
            await runs.set_attributes(run_id, {})
        with pytest.raises(NotFound):
            await runs.set_attributes("wrun_01ARZ3NDEKTSV4RRFFQ69G5FAV", {"a": "1"})
    await runs.complete(run_id, None)
    with db.nothing_written(), pytest.raises(Conflict, match="is completed"):
        await runs.set_attributes(run_id, {"a": "1"})


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
async def test_what_cannot_be_stored_is_malformed(
    world: World, db: Session, text: str
) -> None:
    run_id = db.new_run()
    for attributes in ({"key": text}, {text: None}):
        with db.nothing_written(), pytest.raises(MalformedCall, match="changes has a"):
            await world.runs.set_attributes(run_id, attributes)
    with pytest.raises(MalformedCall, match="cannot store"):
        await world.runs.list(attributes={"key": text})
