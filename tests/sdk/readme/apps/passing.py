"""Streaming: a body that passes its stream to a step, and the other ways to write."""

# The README is not typed strictly.
# pyright: basic

from typing import Any

from vercel.workflow import (
    Workflows,
    WorkflowStreamWriter,
    WorkflowWritable,
    get_writable,
)

from tests.sdk.readme.apps.business import llm

wf = Workflows()


# README: Streaming, 2
@wf.step
async def summarize(*, document: str, out: WorkflowWritable) -> str:
    await out.write("starting")
    await out.write_from(llm.stream(document))
    await out.close()
    return document


@wf.workflow
async def analyze(*, document: str) -> str:
    out = get_writable()
    return await summarize(document=document, out=out)


# end


@wf.workflow
async def write_in_the_body() -> None:
    """What raises."""
    await get_writable().write("no")


def opened(namespace: str | None = None) -> WorkflowStreamWriter[Any]:
    """The stream, as what it is in a step; the SDK's type leaves out `async with`."""
    out = get_writable(namespace=namespace)
    assert isinstance(out, WorkflowStreamWriter)
    return out


@wf.step
async def log(document: str) -> None:
    """Two independent streams, closed on the way out."""
    async with opened() as writable, opened("logs") as logs:
        await writable.write_from(llm.stream(document))
        await logs.write({"words": len(document.split())})
        await logs.drain()


@wf.workflow
async def logged(document: str) -> None:
    """Write to both."""
    await log(document)


@wf.step
async def halve(document: str) -> None:
    """Fail half way in the first attempt: the retry writes to the same stream."""
    async with opened() as writable:
        async for token in llm.stream(document):
            await writable.write(token)


@wf.workflow
async def halved(document: str) -> None:
    """Write again what was written."""
    await halve(document)


@wf.step
async def send(body: bytes) -> None:
    """Bytes in pieces of 7."""
    async with opened() as writable:
        for at in range(0, len(body), 7):
            await writable.write(body[at : at + 7])


@wf.workflow
async def download(body: bytes) -> None:
    """Stream a body."""
    await send(body)
