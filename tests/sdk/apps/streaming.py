"""Workflows that stream: those of the SDK's README, and some that make it harder."""

from __future__ import annotations

import asyncio
import collections
import types
from collections.abc import AsyncGenerator
from typing import Any

import pydantic
from vercel.workflow import (
    RetryableError,
    Run,
    SandboxPolicy,
    Workflows,
    WorkflowStreamWriter,
    WorkflowWritable,
    get_step_metadata,
    get_writable,
    start,
)

wf = Workflows(sandbox_policy=SandboxPolicy(share_sandboxes=True))

ran: collections.Counter[str] = collections.Counter()
"""How often the body of a step ran, by name; steps run outside the sandbox."""

gates: dict[str, asyncio.Event] = {}
"""What steps wait for, by name."""


async def tokens(document: str) -> AsyncGenerator[str, None]:
    """The words of a document, one by one."""
    for word in document.split():
        await asyncio.sleep(0)
        yield word


llm = types.SimpleNamespace(stream=tokens)


def writer(namespace: str | None = None) -> WorkflowStreamWriter[Any]:
    """The stream, as what it is in a step; the SDK's type leaves out `async with`."""
    out = get_writable(namespace=namespace)
    assert isinstance(out, WorkflowStreamWriter)
    return out


class Token(pydantic.BaseModel):
    """What a typed stream carries."""

    text: str
    index: int


@wf.step
async def summarize(*, document: str) -> str:
    """Stream what the model says, as the README does."""
    writable = get_writable()
    summary: list[str] = []
    async for token in llm.stream(document):
        await writable.write(token)
        summary.append(token)
    return "".join(summary)


@wf.step
async def done() -> None:
    """Close the stream."""
    await get_writable().close()


@wf.workflow
async def analyze(*, document: str) -> str:
    """Two steps and one stream."""
    summary = await summarize(document=document)
    await done()
    return summary


@wf.step
async def summarize_into(*, document: str, out: WorkflowWritable) -> str:
    """Write to what the body has passed."""
    await out.write("starting")
    await out.write_from(llm.stream(document))
    await out.close()
    return "passed"


@wf.workflow
async def analyze_passing(*, document: str) -> str:
    """Pass the stream to a step."""
    out = get_writable()
    return await summarize_into(document=document, out=out)


@wf.step
async def summarize_typed(*, document: str) -> None:
    """Write models."""
    writable = get_writable(type=Token)
    index = 0
    async for text in llm.stream(document):
        await writable.write(Token(text=text, index=index))
        index += 1
    await writable.close()


@wf.step
async def summarize_typed_into(*, document: str, out: WorkflowWritable[Token]) -> None:
    """Write models to what the body has passed, typed by the parameter."""
    index = 0
    async for text in llm.stream(document):
        await out.write(Token(text=text, index=index))
        index += 1
    await out.close()


@wf.workflow
async def analyze_typed(*, document: str, passing: bool) -> None:
    """A stream of models."""
    if passing:
        await summarize_typed_into(document=document, out=get_writable())
    else:
        await summarize_typed(document=document)


@wf.workflow
async def write_in_the_body() -> None:
    """What is refused: a body is replayed."""
    await get_writable().write("no")


@wf.step
async def write_logs() -> None:
    """Two streams of one run."""
    async with writer() as out, writer("logs") as logs:
        for n in range(3):
            await out.write(n)
            await logs.write(f"line {n}")
        await logs.drain()


@wf.workflow
async def with_logs() -> None:
    """One step, two streams."""
    await write_logs()


@wf.step
async def write_bytes(count: int) -> None:
    """Bytes, as an HTTP body wants them."""
    async with writer() as out:
        for n in range(count):
            await out.write(bytes([n % 256]) * n)


@wf.workflow
async def body(count: int) -> None:
    """Stream bytes."""
    await write_bytes(count)


@wf.step
async def write_between_gates(name: str, count: int) -> None:
    """Write one chunk whenever the test opens the gate, then close."""
    async with writer() as out:
        for n in range(count):
            await gates[f"{name}{n}"].wait()
            await out.write(n)
            await out.drain()


@wf.workflow
async def gated(name: str, count: int) -> None:
    """Write under the control of the test."""
    await write_between_gates(name, count)


@wf.step
async def close_and_fail() -> int:
    """Close the stream, and be retried after that."""
    ran["close_and_fail"] += 1
    async with writer() as out:
        await out.write("one")
        await out.write("two")
    attempt = get_step_metadata().attempt
    if attempt == 1:
        raise RetryableError("after the close", retry_after="1s")
    return attempt


@wf.workflow
async def closed_before_it_is_retried() -> int:
    """A step whose worker could have died between the close and its completion."""
    return await close_and_fail()


@wf.step
async def fail_halfway() -> int:
    """Write two chunks, fail, and write them again."""
    out = get_writable()
    attempt = get_step_metadata().attempt
    for n in range(2):
        await out.write(f"attempt {attempt}, chunk {n}")
    if attempt == 1:
        raise RetryableError("halfway", retry_after="1s")
    await out.close()
    return attempt


@wf.workflow
async def restreamed() -> int:
    """What the README says of retries."""
    return await fail_halfway()


@wf.step
async def write_too_much() -> None:
    """Write more in one chunk than a chunk may have."""
    ran["write_too_much"] += 1
    await get_writable().write(bytes(13 * 1024 * 1024))  # a third more in base64


@wf.workflow
async def too_much() -> None:
    """Fail by name."""
    await write_too_much()


@wf.step
async def write_many(count: int) -> None:
    """Write as fast as the stream takes it, from many tasks at once."""
    out = get_writable()
    await asyncio.gather(*(out.write(n) for n in range(count)))


@wf.workflow
async def many(count: int, steps: int) -> None:
    """Several steps write to one stream at once."""
    await asyncio.gather(*(write_many(count) for _ in range(steps)))
    await done()


@wf.step
async def read_child(words: str) -> list[str]:
    """Start a child, and follow what it streams for as long as it lives."""
    child = await start(analyze, document=words)
    return [token async for token in child.readable()]


@wf.workflow
async def follow_child(words: str) -> list[str]:
    """Read in a step what another run writes."""
    return await read_child(words)


@wf.step
async def read_own(run_id: str) -> list[str]:
    """Read what another step of the same run streams meanwhile."""
    ran["read_own"] += 1
    run: Run[str] = Run(run_id)
    return [token async for token in run.readable()]


@wf.step
async def own_id() -> str:
    """The id of the run."""
    return get_step_metadata().run_id


@wf.workflow
async def follow_itself(words: str) -> list[str]:
    """One step reads what the next one writes."""
    reading = asyncio.ensure_future(read_own(await own_id()))
    await summarize(document=words)
    await done()
    return await reading
