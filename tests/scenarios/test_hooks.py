"""Hooks: payloads in order, tokens with one holder, and who is told what."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

import pydantic
import pytest
from vercel.workflow import (
    BaseHook,
    HookConflictError,
    HookNotFoundError,
    get_hook_by_token,
    get_run,
    start,
)

from tests.crew import Crew, resume, soon
from tests.scenarios.apps import hooks
from tests.scenarios.apps.hooks import Strict
from tests.scenarios.apps.payloads import Note

pytestmark = pytest.mark.asyncio(loop_scope="module")

REGISTRIES = [hooks.wf]


class Anything(BaseHook, pydantic.BaseModel):
    """What somebody sends who does not know the type of the hook."""

    count: Any


async def test_three_payloads_with_a_wrong_token_in_between(crew: Crew) -> None:
    run = await start(hooks.until_done, "three")
    await soon(resume, Note("one"), "three")
    hook = await get_hook_by_token("three")
    assert (hook.run_id, hook.metadata) == (run.run_id, {"for": "three"})
    with pytest.raises(HookNotFoundError):
        await resume(Note("lost"), "nobody")
    await resume(Note("two"), "three")
    await resume(Note("done"), "three")
    assert await crew.result(run) == ["one", "two", "done"]


async def test_a_hook_is_there_when_a_step_after_it_has_said_so(crew: Crew) -> None:
    run = await start(hooks.until_done, "visible")
    async with aclosing(run.readable()) as chunks:
        assert await anext(chunks) == "hook created"
        await resume(Note("done"), "visible")  # at once
        assert await anext(chunks) == "done"
    assert await crew.result(run) == ["done"]


async def test_a_token_is_free_when_its_run_has_ended(crew: Crew) -> None:
    for text in ("first", "second"):
        run = await start(hooks.insist, "reused")
        await soon(resume, Note(text), "reused")
        assert await crew.result(run) == text


async def test_a_token_of_a_live_run_fails_the_next_one(crew: Crew) -> None:
    first = await start(hooks.insist, "mine")
    await soon(get_hook_by_token, "mine")
    failure = await crew.failure(await start(hooks.insist, "mine"))
    assert isinstance(failure.error, HookConflictError)
    assert failure.error.conflicting_run_id == first.run_id
    caught = await crew.result(await start(hooks.conflict, "mine"))
    assert caught == ["mine", first.run_id]
    await resume(Note("hello"), "mine")
    assert await crew.result(first) == "hello"


async def test_a_token_that_was_given_up_is_free_while_its_run_sleeps(
    crew: Crew,
) -> None:
    first = await start(hooks.give_up_early, "early")
    await soon(resume, Note("one"), "early")
    await crew.reaches(first, "wait_created")
    with pytest.raises(HookNotFoundError):
        await get_hook_by_token("early")
    second = await start(hooks.insist, "early")
    await soon(resume, Note("two"), "early")
    assert await crew.result(second) == "two"
    assert await crew.result(first) == "one"


async def test_a_run_takes_its_token_again_in_a_loop(crew: Crew) -> None:
    run = await start(hooks.again_and_again, "loop", 5)
    for number in range(5):
        await crew.reaches(run, "hook_created", number + 1)
        await resume(Note(f"{number}"), "loop")
    assert await crew.result(run) == ["0", "1", "2", "3", "4"]
    assert "hook_conflict" not in crew.types(run)
    run = await start(hooks.without_waiting, "loop", 5)
    assert await crew.result(run) == "free"
    assert crew.types(run).count("hook_disposed") == 5


async def test_a_run_asks_who_has_the_token_before_it_waits(crew: Crew) -> None:
    first = await start(hooks.ask_first, "who")
    await crew.reaches(first, "step_completed")
    second = await start(hooks.ask_first, "who")
    assert await crew.result(second) == f"taken by {first.run_id}"
    await resume(Note("hello"), "who")
    assert await crew.result(first) == "hello"


async def test_payloads_are_handled_while_a_sleep_never_ends(crew: Crew) -> None:
    run = await start(hooks.beside_a_nap, "nap", 3)
    for text in ("a", "b", "c"):
        await soon(resume, Note(text), "nap")
    assert await crew.result(run) == ["a", "b", "c"]
    assert len(crew.steps(run)) == 3


async def test_a_step_after_the_last_payload_is_one_step(crew: Crew) -> None:
    run = await start(hooks.step_at_the_end, "end")
    await soon(resume, Note("1"), "end")
    await resume(Note("2"), "end")
    assert await crew.result(run) == "seen ['1', '2']"
    assert len(crew.steps(run)) == 1


async def test_payloads_that_come_before_they_are_awaited_are_kept(crew: Crew) -> None:
    hooks.gates["late"] = asyncio.Event()
    run = await start(hooks.look_late, "late", 3)
    for text in ("a", "b", "c"):
        await soon(resume, Note(text), "late")
    await crew.settled(run, steps=False)
    hooks.gates["late"].set()
    assert await crew.result(run) == ["a", "b", "c"]


async def test_a_payload_is_handled_while_a_step_runs_and_does_not_repeat_it(
    crew: Crew,
) -> None:
    hooks.gates["busy"] = asyncio.Event()
    run = await start(hooks.look_at_once, "busy")
    await crew.reaches(run, "step_started")
    await soon(resume, Note("payload"), "busy")
    await crew.reaches(run, "step_completed")  # that of the payload
    hooks.gates["busy"].set()
    assert await crew.result(run) == ["payload", "busy"]
    assert {step["attempt"] for step in crew.steps(run)} == {1}
    assert hooks.ran.count("busy") == 1


async def test_an_invalid_payload_is_raised_where_it_is_awaited(crew: Crew) -> None:
    run = await start(hooks.typed, "typed")
    await soon(resume, Anything(count="many"), "typed")
    await soon(resume, Strict(count=2), "typed")
    assert await crew.result(run) == ["1 error", "2"]


@pytest.mark.parametrize("how", ["ended", "disposed", "terminated"])
async def test_a_hook_that_is_gone_is_not_resumed(crew: Crew, how: str) -> None:
    if how == "ended":
        run = await start(hooks.insist, how)
        hook = await soon(get_hook_by_token, how)
        await resume(Note("x"), hook)
        await crew.result(run)
    elif how == "disposed":
        run = await start(hooks.give_up_early, how)
        hook = await soon(get_hook_by_token, how)
        await resume(Note("x"), hook)
        await crew.reaches(run, "wait_created")
    else:
        run = await start(hooks.insist, how)
        hook = await soon(get_hook_by_token, how)
        await get_run(run.run_id).terminate()
    await crew.settled(run)
    before = crew.types(run)
    for to in (how, hook):
        with pytest.raises(HookNotFoundError):
            await resume(Note("too late"), to)
    assert crew.types(run) == before
    await crew.ended(run)


async def test_a_hook_that_nobody_reads_stalls_nothing(crew: Crew) -> None:
    hooks.gates["unread"] = asyncio.Event()
    run = await start(hooks.unread, "unread")
    await soon(resume, Note("unread"), "unread")
    await resume(Note("unread, too"), "unread")
    hooks.gates["unread"].set()
    assert await crew.result(run) == ["left", "right"]


async def test_a_hook_that_was_given_up_cannot_be_awaited(crew: Crew) -> None:
    told = await crew.result(await start(hooks.disposed, "given up"))
    assert told == 'Hook token "given up" has been disposed'


async def test_an_abort_controller_is_shared_by_its_token(crew: Crew) -> None:
    first = await start(hooks.controller, "abort", 3600)
    hook = await soon(get_hook_by_token, "abort")
    second = await start(hooks.controller, "abort", 3600)
    assert await crew.result(second) == "another one"
    again = get_run(hook.run_id)
    assert again.run_id == first.run_id
    await resume(Note("stop it"), "abort")
    assert [chunk async for chunk in again.readable()] == [
        {"aborted": True, "reason": "stop it"}
    ]
    assert await crew.result(first) == "stop it"


async def test_an_abort_controller_expires(crew: Crew) -> None:
    run = await start(hooks.controller, "ttl", 1)
    assert [chunk async for chunk in run.readable()] == [
        {"aborted": True, "reason": "expired"}
    ]
    assert await crew.result(run) == "expired"
