"""Values that break things, through both Worlds: they come back, or are refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support import STEP, WORKFLOW, Session, new_run_id
from workflow_pg import NewEvent, NewRun, NewStep, World, errors
from workflow_pg.models import MessageKind

Do = Callable[[World, str, str], Awaitable[object]]

PAYLOADS = [
    b"",
    b"\0",
    b"a\0b\xff\xfe\xed\xa0\x80",
    b'{"__proto__": "\\u0000"}',
    bytes(range(256)) * (10 * 4096),
]


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda p: f"{len(p)} {p[:12]!r}")
async def test_every_payload_comes_back_through_the_world(
    world: World, payload: bytes
) -> None:
    run_id = (await world.runs.create(WORKFLOW, payload)).run_id
    assert (await world.runs.start(run_id)).input == payload
    await world.steps.create(run_id, "s", STEP, payload)
    assert (await world.steps.start(run_id, "s")).input == payload
    await world.steps.retry(run_id, "s", payload)
    assert (await world.steps.get(run_id, "s")).error == payload
    await world.steps.complete(run_id, "s", payload)
    assert (await world.steps.get(run_id, "s")).output == payload
    await world.hooks.create(run_id, "h", "token", metadata=payload)
    assert (await world.hooks.get_by_token("token")).metadata == payload
    await world.hooks.receive(run_id, "h", payload)
    await world.streams.write(run_id, "stream", payload)
    (chunk,) = (await world.streams.page(run_id, "stream")).chunks
    assert chunk == payload
    await world.runs.complete(run_id, payload)
    assert (await world.runs.get(run_id)).output == payload
    kept = [event.payload for event in await world.events.list(run_id)]
    assert kept == [payload, None, payload, None, *[payload] * 5]


async def test_no_payload_is_not_an_empty_one(world: World) -> None:
    for output in (None, b""):
        run_id = (await world.runs.create(WORKFLOW, b"")).run_id
        await world.runs.complete(run_id, output)
        run = await world.runs.get(run_id)
        assert (run.input, run.output) == (b"", output)


TEXTS: dict[str, Do] = {
    "workflow name": lambda w, _, t: w.runs.create(t, b""),
    "deployment": lambda w, _, t: w.runs.create(WORKFLOW, b"", deployment_id=t),
    "new run id": lambda w, _, t: w.runs.create(WORKFLOW, b"", run_id=t),
    "dedup key": lambda w, _, t: w.runs.create(WORKFLOW, b"", dedup_key=t),
    "start key": lambda w, _, t: w.runs.create_keyed(t, WORKFLOW, b""),
    "run of many": lambda w, _, t: w.runs.create_many(
        [NewRun(run_id=new_run_id(), workflow_name=t, input=b"")]
    ),
    "step id": lambda w, r, t: w.steps.create(r, t, STEP, b""),
    "step name": lambda w, r, t: w.steps.create(r, "s", t, b""),
    "new step": lambda w, r, t: w.steps.start_new(r, "s", t, b""),
    "hook id": lambda w, r, t: w.hooks.create(r, t, "token"),
    "token": lambda w, r, t: w.hooks.create(r, "h", t),
    "wait id": lambda w, r, t: w.waits.create(r, t, datetime.now(UTC)),
    "event type": lambda w, r, t: w.events.append(r, t),
    "correlation id": lambda w, r, t: w.events.append(
        r, "step_created", correlation_id=t, facts={"stepName": STEP}
    ),
    "fact": lambda w, r, t: w.events.append(
        r, "hook_created", correlation_id="h", facts={"token": t}
    ),
    "time in facts": lambda w, r, t: w.events.append(
        r, "wait_created", correlation_id="w", facts={"resumeAt": t}
    ),
    "resume id": lambda w, r, t: w.hooks.receive(r, "live", b"", resume_id=t),
    "digest": lambda w, r, t: w.hooks.receive(
        r, "live", b"", resume_id="r", payload_digest=t
    ),
    "message id": lambda w, r, t: w.queue.send(r, MessageKind.WAKE, message_id=t),
    "idempotency key": lambda w, r, t: w.queue.send(
        r, MessageKind.CUSTOM, body=b"", idempotency_key=t
    ),
    "queue name": lambda w, _, t: w.queue.send(
        new_run_id(), MessageKind.START, body=b"", queue_name=t
    ),
    "stream": lambda w, r, t: w.streams.write(r, t, b""),
    "run of a stream": lambda w, _, t: w.streams.write(t, "stream", b""),
    "worker": lambda w, _, t: w.queue.heartbeat(t, [WORKFLOW]),
    "cursor": lambda w, _, t: w.runs.list(cursor=t),
}


@pytest.mark.parametrize("place", TEXTS)
async def test_a_text_that_is_none_is_refused_wherever_it_stands(
    world: World, db: Session, place: str
) -> None:
    run_id = db.new_run()
    db.append(run_id, "hook_created", "live", facts={"token": "live"})
    with db.nothing_written():
        for text in ("", "\0", "a\0b", "\ud800", "\udfff a"):
            with pytest.raises(errors.MalformedCall):
                await TEXTS[place](world, run_id, text)


GETS: dict[str, Do] = {
    "run": lambda w, _, t: w.runs.get(t),
    "step": lambda w, r, t: w.steps.get(r, t),
    "hook": lambda w, r, t: w.hooks.get(r, t),
    "token": lambda w, _, t: w.hooks.get_by_token(t),
    "why": lambda w, _, t: w.runs.why(t),
}


@pytest.mark.parametrize("place", GETS)
async def test_what_could_never_be_there_is_not_found(
    world: World, db: Session, place: str
) -> None:
    for text in ("", "__proto__", "../x", "x" * 10_000):
        with pytest.raises(errors.NotFound):
            await GETS[place](world, db.new_run(), text)


NUMBERS: list[Any] = [float("nan"), float("inf"), [-float("inf")], {"a": float("nan")}]


def _deep(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize("value", [*NUMBERS, _deep(100_000)], ids=range(5))
async def test_json_that_is_none_is_refused(
    world: World, db: Session, value: Any
) -> None:
    run_id = db.new_run()
    broken = {"value": value}
    calls: list[Awaitable[object]] = [
        world.runs.create(WORKFLOW, b"", execution_context=broken),
        world.events.append(run_id, "run_completed", facts=broken),
        world.events.create_batch(
            run_id, [NewEvent(event_type="run_completed", facts=broken)]
        ),
    ]
    for call in calls:
        with (
            db.nothing_written(),
            pytest.raises(errors.MalformedCall, match=r"JSON has not|too deeply"),
        ):
            await call


async def test_keys_of_other_languages_are_keys(world: World) -> None:
    context: dict[str, Any] = {
        "__proto__": {"constructor": None},
        "": {"toString": []},
        "\x01": 1e22,
    }
    names = {"__proto__": "1", "constructor": "", "toString": "\x01", "hasOwn": "\x7f"}
    reply = await world.runs.create(
        WORKFLOW, b"", execution_context=context, attributes=names
    )
    run = await world.runs.get(reply.run_id)
    assert run.execution_context == context
    assert run.attributes == names


MOMENTS: dict[str, Callable[[World, str, datetime], Awaitable[object]]] = {
    "wait": lambda w, r, t: w.waits.create(r, "w", t),
    "retry": lambda w, r, t: w.steps.retry(r, "step_1", b"", retry_after=t),
    "hook": lambda w, r, t: w.hooks.create(r, "h", "t", token_retention_until=t),
    "entry": lambda w, r, t: w.events.create_batch(
        r, [NewEvent(event_type="run_completed", occurred_at=t)]
    ),
    "runs since": lambda w, _, t: w.runs.list(since=t),
}


@pytest.mark.parametrize("place", MOMENTS)
async def test_a_time_needs_a_zone(world: World, db: Session, place: str) -> None:
    run_id = db.new_run()
    db.new_step(run_id, status="running")
    with (
        db.nothing_written(),
        pytest.raises(errors.MalformedCall, match="has no time zone"),
    ):
        await MOMENTS[place](world, run_id, datetime(2999, 1, 1))  # noqa: DTZ001


@pytest.mark.parametrize("at", ["infinity", "-infinity", "20000-01-01T00:00:00Z"])
async def test_an_endless_time_is_refused(world: World, db: Session, at: str) -> None:
    run_id = db.new_run()
    for event, fact in (
        ("wait_created", {"resumeAt": at}),
        ("hook_created", {"token": "t", "tokenRetentionUntil": at}),
    ):
        with db.nothing_written(), pytest.raises(errors.MalformedCall):
            await world.events.append(run_id, event, correlation_id="i", facts=fact)


async def test_the_first_and_the_last_moment_come_back(
    world: World, db: Session
) -> None:
    run_id = db.new_run()
    for at in (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, tzinfo=UTC)):
        await world.waits.create(run_id, f"wait {at.year}", at)
    moments = [wait.resume_at for wait in await world.waits.list(run_id)]
    assert [at and at.year for at in moments] == [1, 9999]


async def test_many_steps_with_one_bad_name_say_which(
    world: World, db: Session
) -> None:
    run_id = db.new_run()
    steps = [
        NewStep(step_id="s1", step_name=STEP, input=b""),
        NewStep(step_id="s2", step_name="a\0b", input=b""),
    ]
    with (
        db.nothing_written(),
        pytest.raises(errors.MalformedCall, match="cannot store"),
    ):
        await world.steps.create_many(run_id, steps)
