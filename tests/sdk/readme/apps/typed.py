"""Streaming: a stream that carries a type."""

# The README is not typed strictly.
# pyright: basic

import pydantic
from vercel.workflow import Workflows, get_writable

from tests.sdk.readme.apps.business import llm

wf = Workflows()


# README: Streaming, 3
class Token(pydantic.BaseModel):
    text: str
    index: int


@wf.step
async def summarize(*, document: str) -> str:
    writable = get_writable(type=Token)
    index = 0
    async for text in llm.stream(document):
        await writable.write(Token(text=text, index=index))
        index += 1
    await writable.close()
    return f"{index} words"


# end


@wf.workflow
async def analyze(*, document: str) -> str:
    """Stream models."""
    return await summarize(document=document)
