"""Runs that start runs."""

from __future__ import annotations

import asyncio

from vercel.workflow import (
    Run,
    SandboxPolicy,
    Workflows,
    WorkflowWritable,
    get_run,
    get_writable,
    start,
)

from tests.crew import resume
from tests.scenarios.apps.payloads import Note

wf = Workflows(
    sandbox_policy=SandboxPolicy(
        share_sandboxes=True,
        # Steps resume hooks by it; a body has no use for it.
        passthrough_modules=frozenset({"tests.crew"}),
    )
)


@wf.step
async def double(value: int) -> int:
    """Double."""
    return 2 * value


@wf.step
async def signal(token: str, text: str) -> None:
    """Resume the hook of another run."""
    await resume(Note(text), token)


@wf.step
async def number(value: int) -> int:
    """Do nothing."""
    return value


@wf.workflow
async def child(value: int) -> int:
    """A run of its own."""
    return await double(value)


@wf.step
async def start_child(value: int) -> str:
    """Start one; its id."""
    return (await start(child, value)).run_id


@wf.workflow
async def polling(value: int) -> int:
    """Start a child in a step and wait for what it returns."""
    started: Run[int] = Run(await start_child(value))
    return await started.return_value()


@wf.step
async def status_of(run_id: str) -> str:
    """Look at a run by its id."""
    return await get_run(run_id).status()


@wf.workflow
async def passing_on(value: int) -> list[object]:
    """An id goes from a step to the body to a step."""
    run_id = await start_child(value)
    started: Run[int] = Run(run_id)
    result = await started.return_value()
    return [run_id, started.run_id, await status_of(run_id), result]


@wf.workflow
async def signalling_child(token: str, value: int) -> int:
    """Tell the parent, and go on."""
    doubled = await double(value)
    await signal(token, f"{doubled}")
    return doubled + 1


@wf.step
async def start_signalling(token: str, value: int) -> str:
    """Start one; its id."""
    return (await start(signalling_child, token, value)).run_id


@wf.workflow
async def signalled(token: str, value: int) -> list[str]:
    """Wait for a child by a hook."""
    async with Note.wait(token=token) as hook:
        run_id = await start_signalling(token, value)
        return [run_id, (await hook).text]


@wf.workflow
async def start_in_the_body() -> None:
    """What is refused: the body of a run has no way to the database."""
    await start(child, 1)


@wf.workflow
async def fibonacci(n: int) -> int:
    """Two children for each number, down to the end."""
    if n < 2:
        return n
    runs: list[Run[int]] = [
        Run(run_id)
        for run_id in await asyncio.gather(start_part(n - 1), start_part(n - 2))
    ]
    return sum(await asyncio.gather(*(run.return_value() for run in runs)))


@wf.step
async def start_part(n: int) -> str:
    """Start one of them; its id."""
    return (await start(fibonacci, n)).run_id


@wf.workflow
async def one_child_in_many_replays(value: int, replays: int) -> str:
    """A child, and many replays after it."""
    run_id = await start_child(value)
    for n in range(replays):
        await number(n)
    return run_id


@wf.step
async def write_to(out: WorkflowWritable, text: str) -> None:
    """Write to a stream that was passed."""
    await out.write(text.encode())


@wf.workflow
async def forwarded(out: WorkflowWritable, text: str) -> None:
    """Write to the stream of whoever started this run."""
    await write_to(out, text)


@wf.step
async def start_forwarded(out: WorkflowWritable, text: str) -> str:
    """Pass on a stream that the body has passed; the id of the child."""
    return (await start(forwarded, out, text)).run_id


@wf.step
async def start_forwarded_own(text: str) -> str:
    """Pass on the stream that the step has opened; the id of the child."""
    return (await start(forwarded, get_writable(), text)).run_id


@wf.step
async def close() -> None:
    """Close the stream."""
    await get_writable().close()


@wf.workflow
async def forwarding() -> None:
    """Two children write to the stream of their parent, which closes it."""
    for run_id in (
        await start_forwarded(get_writable(), "from the body"),
        await start_forwarded_own("from a step"),
    ):
        started: Run[None] = Run(run_id)
        await started.return_value()
    await close()
