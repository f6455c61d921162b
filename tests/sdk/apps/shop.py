"""Workflows of every kind, whose steps count how often their bodies ran."""

from __future__ import annotations

import asyncio
import collections
import dataclasses
import datetime
import os

from vercel.workflow import (
    BaseHook,
    FatalError,
    RetryableError,
    Run,
    SandboxPolicy,
    Workflows,
    get_step_metadata,
    now,
    sleep,
    start,
)

wf = Workflows(sandbox_policy=SandboxPolicy(share_sandboxes=True))

ran: collections.Counter[str] = collections.Counter()
"""How often the body of a step ran, by run and name; steps run outside the sandbox."""

gates: dict[str, asyncio.Event] = {}
"""What the step `pass_gate` waits for, by name."""


@dataclasses.dataclass
class Signal(BaseHook):
    """A payload for hooks."""

    text: str


async def resume(token: str, text: str) -> None:
    """Resume a hook once."""
    # The SDK's signature leaves the type of its keyword arguments open.
    await Signal(text=text).resume(token)  # pyright: ignore[reportUnknownMemberType]


def count(name: str) -> None:
    """Note that a body ran."""
    ran[f"{get_step_metadata().run_id}:{name}"] += 1


@wf.step
async def add(left: int, right: int) -> int:
    """Add."""
    count("add")
    return left + right


@wf.step
async def number(value: int) -> int:
    """Return the value; each value is counted on its own."""
    count(f"number{value}")
    return value


@wf.step
async def fail_twice() -> int:
    """Fail in the first two attempts, with an error that says when to try again."""
    count("fail_twice")
    attempt = get_step_metadata().attempt
    if attempt < 3:
        raise RetryableError("not yet", retry_after="1s")
    return attempt


@wf.step
async def give_up() -> None:
    """Fail for good."""
    count("give_up")
    raise FatalError("out of stock")


@wf.step
async def pass_gate(name: str) -> str:
    """Wait until the test opens the gate."""
    count(f"pass_gate:{name}")
    await gates[name].wait()
    return f"{name} passed in attempt {get_step_metadata().attempt}"


@wf.step
async def start_child(value: int) -> str:
    """Start another run; returns its id."""
    run = await start(one_step, value, value)
    return run.run_id


@wf.workflow
async def no_step(name: str) -> str:
    """Greet."""
    return f"hello {name}"


@wf.workflow
async def one_step(left: int, right: int) -> int:
    """Add in a step."""
    return await add(left, right)


@wf.workflow
async def fan_out(width: int) -> int:
    """Add the results of many parallel steps."""
    return sum(await asyncio.gather(*(number(value) for value in range(width))))


@wf.workflow
async def retried() -> int:
    """Call a step that fails twice."""
    return await fail_twice()


@wf.workflow
async def doomed() -> None:
    """Call a step that fails for good."""
    await give_up()


@wf.workflow
async def nap(seconds: int) -> str:
    """Sleep once."""
    await sleep(seconds)
    return "awake"


@wf.workflow
async def naps(times: int) -> int:
    """Sleep for a second, many times."""
    for _ in range(times):
        await sleep("1s")
    return times


@wf.workflow
async def gated(name: str) -> str:
    """Wait in a step."""
    return await pass_gate(name)


@wf.workflow
async def three_gates(first: str, second: str, third: str) -> list[str]:
    """Wait in three steps at once, and do another step after the third."""

    async def pass_third() -> str:
        passed = await pass_gate(third)
        return f"{passed}, {await add(20, 22)}"

    return list(await asyncio.gather(pass_gate(first), pass_gate(second), pass_third()))


@wf.workflow
async def listen(token: str, times: int) -> list[str]:
    """Receive several payloads by one hook."""
    heard: list[str] = []
    async with Signal.wait(token=token, metadata={"token": token}) as hook:
        while len(heard) < times:
            heard.append((await hook).text)
    return heard


@wf.workflow
async def listen_and_fan_out(token: str, times: int, width: int) -> int:
    """Many steps at once, while payloads come in."""
    hook = Signal.wait(token=token)
    total = asyncio.gather(*(number(value) for value in range(width)))
    for _ in range(times):
        await hook
    return sum(await total)


@wf.workflow
async def claim(token: str) -> str:
    """Say who holds a token, if it is another run."""
    hook = Signal.wait(token=token)
    holder = await hook.get_conflict()
    if holder is not None:
        return holder.run_id
    return (await hook).text


@wf.workflow
async def parent(value: int) -> int:
    """Start a child and wait for what it returns."""
    child: Run[int] = Run(await start_child(value))
    return await child.return_value()


@wf.step
async def random_bytes(size: int) -> bytes:
    """Return bytes that no compression makes smaller."""
    count("random_bytes")
    return os.urandom(size)


@wf.workflow
async def too_much_in_a_step() -> bytes:
    """Return more from a step than a payload may have."""
    return await random_bytes(17 * 1024 * 1024)


@wf.workflow
async def too_much_in_all() -> list[bytes]:
    """Return more from a run than a payload may have."""
    return [await random_bytes(7 * 1024 * 1024) for _ in range(3)]


@wf.workflow
async def describe(thing: dict[str, int]) -> dict[str, int]:
    """Return an object as it came."""
    return thing


@wf.workflow
async def when() -> datetime.datetime:
    """Return what JSON has no word for."""
    return now()
