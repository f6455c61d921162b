"""Streaming: steps that write to the stream of their run."""

# The README is not typed strictly.
# pyright: basic

from tests.sdk.readme.apps.business import llm

# README: Streaming, 1
from vercel.workflow import Workflows, get_writable

wf = Workflows()


@wf.step
async def summarize(*, document: str) -> str:
    writable = get_writable()
    summary = []
    async for token in llm.stream(document):
        await writable.write(token)
        summary.append(token)
    return "".join(summary)


@wf.step
async def done() -> None:
    await get_writable().close()


@wf.workflow
async def analyze(*, document: str) -> str:
    summary = await summarize(document=document)
    await done()
    return summary


# end
