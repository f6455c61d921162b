"""Control flow: sequences, races, sleeps, batches."""

from __future__ import annotations

import asyncio
import collections
import time

from vercel.workflow import (
    FatalError,
    SandboxPolicy,
    Workflows,
    get_step_metadata,
    sleep,
)

wf = Workflows(sandbox_policy=SandboxPolicy(share_sandboxes=True))

ran: collections.Counter[str] = collections.Counter()
"""How often bodies of steps ran, by their argument."""

gates: dict[str, asyncio.Event] = {}
"""What steps wait for, by name."""


@wf.step
async def add(left: int, right: int) -> int:
    """Add."""
    return left + right


@wf.step
async def echo(text: str, after: float = 0) -> str:
    """Return the text after some time."""
    ran[text] += 1
    await asyncio.sleep(after)
    return text


@wf.step
async def number(value: int) -> int:
    """Do nothing with a number; each body is counted."""
    ran[f"{get_step_metadata().run_id}:{value}"] += 1
    return value


@wf.step
async def fail(after: float) -> str:
    """Fail for good after some time."""
    await asyncio.sleep(after)
    raise FatalError("no")


@wf.step
async def pass_gate(name: str) -> str:
    """Wait until the test opens the gate."""
    ran[name] += 1
    await gates[name].wait()
    return name


@wf.step
async def clock() -> float:
    """The time, which passes in steps only."""
    return time.time()


@wf.workflow
async def add_ten(start: int) -> int:
    """Three sequential steps."""
    reached = await add(start, 2)
    reached = await add(reached, 3)
    return await add(reached, 5)


@wf.workflow
async def in_order() -> str:
    """The slowest comes first."""
    parts = await asyncio.gather(echo("A", 0.2), echo("B", 0.1), echo("C"))
    return "".join(parts)


@wf.workflow
async def first_of_three() -> list[str]:
    """The fastest wins, in every replay: later steps and sleeps depend on it."""
    tasks = [
        asyncio.ensure_future(echo(text, after))
        for text, after in (("slow", 0.5), ("fast", 0.0), ("middle", 0.25))
    ]
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    (winner,) = done
    said = [await winner]
    for _ in range(2):
        await sleep("1s")
        said.append(await echo(f"{said[0]} again"))
    return said


@wf.workflow
async def first_success() -> str:
    """The first that does not fail."""
    # Tasks: as_completed would begin coroutines in an order of its own.
    calls = [fail(0), echo("B", 0.1), echo("C", 0.5)]
    for result in asyncio.as_completed([asyncio.ensure_future(call) for call in calls]):
        try:
            return await result
        except FatalError:
            continue
    return "none"


@wf.workflow
async def race_in_a_loop() -> list[str]:
    """Take the winner out, and race again."""
    racing = {
        asyncio.ensure_future(echo(f"racer {n}", delay)): f"racer {n}"
        for n, delay in enumerate((0.3, 0.0, 0.2, 0.1, 0.4))
    }
    order: list[str] = []
    while racing:
        done, _ = await asyncio.wait(racing, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            assert await task == racing.pop(task)
            order.append(await task)
    return order


@wf.workflow
async def ten_sleeps() -> None:
    """All at once."""
    await asyncio.gather(*(sleep("1s") for _ in range(10)))


@wf.workflow
async def sleep_wins(name: str) -> str:
    """A step that takes long against a second."""
    step = asyncio.ensure_future(pass_gate(name))
    nap = asyncio.ensure_future(sleep("1s"))
    done, _ = await asyncio.wait({step, nap}, return_when=asyncio.FIRST_COMPLETED)
    return "sleep" if nap in done else await step


@wf.workflow
async def step_wins() -> str:
    """A quick step against an hour."""
    step = asyncio.ensure_future(echo("quick"))
    nap = asyncio.ensure_future(sleep("1h"))
    done, _ = await asyncio.wait({step, nap}, return_when=asyncio.FIRST_COMPLETED)
    return await step if step in done else "sleep"


@wf.workflow
async def naps(times: int) -> list[float]:
    """Look at the clock around each sleep."""
    seen = [await clock()]
    for _ in range(times):
        await sleep("1s")
        seen.append(await clock())
    return seen


@wf.workflow
async def nap_in_the_background() -> dict[str, int]:
    """A sleep of a day that nobody waits for."""
    background = asyncio.ensure_future(sleep("1d"))
    a = await add(1, 2)
    b = await add(a, 3)
    c = await add(b, 4)
    assert not background.done()
    return {"a": a, "b": b, "c": c}


@wf.workflow
async def null_byte() -> str:
    """What PostgreSQL's text cannot hold."""
    return await echo("null byte \0")


@wf.workflow
async def numbers(count: int, batches: int) -> list[int]:
    """Steps in batches; those of a batch at once."""
    got: list[int] = []
    for batch in range(batches):
        first = batch * count
        got += await asyncio.gather(*(number(first + n) for n in range(count)))
    return got


@wf.workflow
async def sequence(count: int) -> list[int]:
    """Steps, one after the other."""
    return [await number(n) for n in range(count)]


@wf.workflow
async def nap_and_step() -> int:
    """One sleep, one step."""
    await sleep("1s")
    return await number(7)


@wf.step(cancellable=True)
async def cancellable(value: int) -> int:
    """A step that listens for its cancellation while it runs."""
    return value


@wf.workflow
async def cancellable_sequence(count: int) -> list[int]:
    """Steps that could be cancelled, one after the other."""
    return [await cancellable(n) for n in range(count)]
