"""Bodies that are replayed: what they see again, and what they must not do."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import random as unseeded
import socket
import threading
import time
import uuid
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from vercel.workflow import (
    Workflows,
    get_step_metadata,
    get_workflow_metadata,
    now,
    random,
    sleep,
    time_ns,
)

from tests.scenarios.apps import helper

# In this app every replay has a sandbox of its own.
wf = Workflows()

ran: list[str] = []
"""Bodies of steps, as they began and ended, in order."""

ports: list[int] = []
"""Where a web server of the test listens."""


@wf.step
async def note(text: str) -> str:
    """Remember a text."""
    ran.append(text)
    return text


@wf.step
async def work(number: int) -> int:
    """Take a moment."""
    ran.append("begin")
    await asyncio.sleep(0.05)
    ran.append("end")
    return number


@wf.step
async def ids() -> list[Any]:
    """Who the step is, and for which run it works."""
    info, run = get_step_metadata(), get_workflow_metadata()
    return [
        info.run_id,
        info.step_id,
        info.step_name,
        info.attempt,
        info.step_started_at,
        [run.run_id, run.workflow_name, run.url],
        run.started_at,
        helper.who(),
    ]


@wf.workflow
async def metadata() -> list[Any]:
    """The same, of the body, of a function it calls, and of a step."""
    refusal = ""
    try:
        get_step_metadata()
    except RuntimeError as error:
        refusal = str(error)
    run = get_workflow_metadata()
    assert inner() == run
    assert run.started_at is not None
    body = [run.run_id, run.workflow_name, run.url]
    return [body, run.started_at, refusal, await ids()]


def inner() -> Any:
    """What a function learns that the body calls."""
    return get_workflow_metadata()


@wf.step
async def fetch() -> str:
    """Ask a web server."""
    reader, writer = await asyncio.open_connection("127.0.0.1", ports[0])
    writer.write(b"GET / HTTP/1.0\r\n\r\n")
    answer = await reader.read()
    writer.close()
    return answer.decode().rpartition("\r\n\r\n")[2]


@wf.workflow
async def fetch_here_and_there() -> list[str]:
    """A call in the body is refused, in a step it works."""
    told: list[str] = []
    loop = asyncio.get_running_loop()
    calls: list[Callable[[], Coroutine[Any, Any, Any]]] = [
        lambda: asyncio.open_connection("127.0.0.1", 1),
        lambda: loop.create_connection(asyncio.Protocol, "127.0.0.1", 1),
    ]
    for call in calls:
        try:
            await call()
        except Exception as error:
            told.append(f"{type(error).__name__}: {error}")
    return [*told, await fetch()]


FORBIDDEN: dict[str, Callable[[], Any]] = {
    "time.sleep": lambda: time.sleep(1),
    "time.time": lambda: time.time(),
    "threading.Thread": lambda: threading.Thread(),
    # Not the builtin: the sandbox does not see a call of that.
    "io.open": lambda: Path("/etc/hostname").read_text(),
    "random.random": lambda: unseeded.random(),
    "uuid.uuid4": lambda: uuid.uuid4(),
    "datetime.datetime.now": lambda: datetime.datetime.now(datetime.UTC),
    "socket.socket": lambda: socket.socket(),
}


@wf.workflow
async def forbidden() -> dict[str, str]:
    """What each call that is not deterministic says."""
    told: dict[str, str] = {}
    for name, call in FORBIDDEN.items():
        try:
            call()
        except Exception as error:
            told[name] = f"{type(error).__name__}: {error}"
    return told


@wf.workflow
async def same_in_every_replay() -> list[Any]:
    """Draw numbers and look at the clock between five replays."""
    seen: list[Any] = []
    for number in range(5):
        drawn = [random().random(), random().getrandbits(64), now(), time_ns()]
        # Were it another value in a replay, its step would be another one.
        await note(f"{number} {drawn}")
        seen.append(drawn)
    return seen


@wf.workflow
async def toolbox() -> list[Any]:
    """What asyncio has for structure."""
    told: list[Any] = []
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(1):
            await sleep("1h")
    told.append("timeout")
    told.append(await asyncio.wait_for(note("in time"), timeout=3600))
    queue: asyncio.Queue[int] = asyncio.Queue()
    event = asyncio.Event()
    three = asyncio.Semaphore(3)

    async def produce(number: int) -> None:
        async with three:
            await queue.put(await work(number))

    async def consume() -> int:
        total = 0
        for _ in range(10):
            total += await queue.get()
        event.set()
        return total

    async with asyncio.TaskGroup() as group:
        consumer = group.create_task(consume())
        for number in range(10):
            group.create_task(produce(number))
    await event.wait()
    return [*told, consumer.result()]


@wf.workflow
async def group_fails(token: str) -> list[str]:
    """One task of a group fails; its sibling cleans up in a step, once."""
    told: list[str] = []

    async def sibling() -> None:
        try:
            await sleep("1h")
        finally:
            told.append(await note(f"{token} cleaned up"))

    async def fails() -> None:
        await note(f"{token} before")
        raise ValueError("no")

    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(sibling())
            group.create_task(fails())
    except ExceptionGroup as errors:
        told += [f"{type(error).__name__} {error}" for error in errors.exceptions]
    return told


@wf.workflow
async def finally_once(token: str) -> str:
    """A suspension is no exception: what is in `finally` comes at the end, once."""
    try:
        await note(f"{token} body")
        await sleep("1h")
    finally:
        await note(f"{token} finally")
    return "ended"


@wf.step
async def change(values: list[int]) -> list[int]:
    """Change what was passed, and return it."""
    values.append(100)
    return values


@wf.workflow
async def own_copies(mine: list[int]) -> list[Any]:
    """Change what was passed to a step, and what it returned."""
    pending = asyncio.ensure_future(change(mine))
    await asyncio.sleep(0)  # now the call is made
    mine.append(1)
    got = await pending
    got.append(2)
    again = await change(got)
    got.append(3)
    return [mine, got, again]
