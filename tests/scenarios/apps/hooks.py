"""Hooks: payloads, tokens, and races of payloads with sleeps."""

from __future__ import annotations

import asyncio
from typing import Any

import pydantic
from vercel.workflow import (
    BaseHook,
    HookConflictError,
    HookDisposedError,
    SandboxPolicy,
    Workflows,
    get_writable,
    sleep,
)

from tests.scenarios.apps.payloads import Note, race

wf = Workflows(sandbox_policy=SandboxPolicy(share_sandboxes=True))

gates: dict[str, asyncio.Event] = {}
"""What steps wait for, by name."""

ran: list[str] = []
"""What steps were called with, in order."""


class Strict(BaseHook, pydantic.BaseModel):
    """A payload that is validated."""

    count: int


@wf.step
async def note(text: str) -> str:
    """Remember a text."""
    ran.append(text)
    return text


@wf.step
async def tell(text: str) -> None:
    """Write to the run's stream."""
    await get_writable().write(text)


@wf.step
async def pass_gate(name: str) -> str:
    """Wait until the test opens the gate."""
    ran.append(name)
    await gates[name].wait()
    return name


@wf.workflow
async def until_done(token: str) -> list[str]:
    """Receive until somebody says done, and tell readers of the stream of it."""
    texts: list[str] = []
    async with Note.wait(token=token, metadata={"for": token}) as hook:
        await tell("hook created")
        async for payload in hook:
            texts.append(payload.text)
            await tell(payload.text)
            if payload.text == "done":
                break
    return texts


@wf.workflow
async def insist(token: str) -> str:
    """Wait for a payload, whoever has the token."""
    return (await Note.wait(token=token)).text


@wf.workflow
async def ask_first(token: str) -> str:
    """Look who has the token before waiting for anything."""
    hook = Note.wait(token=token)
    holder = await hook.get_conflict()
    if holder is not None:
        return f"taken by {holder.run_id}"
    await tell("free")
    return (await hook).text


@wf.workflow
async def give_up_early(token: str) -> str:
    """Free the token and go on."""
    async with Note.wait(token=token) as hook:
        text = (await hook).text
    await sleep("1s")
    return text


@wf.workflow
async def again_and_again(token: str, times: int) -> list[str]:
    """Free the token and take it again, in one run."""
    texts: list[str] = []
    for _ in range(times):
        async with Note.wait(token=token) as hook:
            texts.append((await hook).text)
    return texts


@wf.workflow
async def without_waiting(token: str, times: int) -> str:
    """Take and free a token many times without a payload."""
    for _ in range(times):
        async with Note.wait(token=token) as hook:
            assert await hook.get_conflict() is None
    return "free"


@wf.workflow
async def beside_a_nap(token: str, times: int) -> list[str]:
    """Payloads, while a sleep never ends."""
    nap = asyncio.ensure_future(sleep("1d"))
    hook = Note.wait(token=token)
    texts = [await note((await hook).text) for _ in range(times)]
    assert not nap.done()
    return texts


@wf.workflow
async def step_at_the_end(token: str) -> str:
    """Two payloads, and one step after them."""
    nap = asyncio.ensure_future(sleep("1d"))
    hook = Note.wait(token=token)
    seen = [(await hook).text, (await hook).text]
    assert not nap.done()
    return await note(f"seen {seen}")


@wf.workflow
async def look_late(token: str, times: int) -> list[str]:
    """Be busy while payloads come in."""
    hook = Note.wait(token=token)
    await pass_gate(token)
    return [(await hook).text for _ in range(times)]


@wf.workflow
async def look_at_once(token: str) -> list[str]:
    """Handle payloads while a step runs."""
    hook = Note.wait(token=token)
    step = asyncio.ensure_future(pass_gate(token))
    text = await note((await hook).text)
    return [text, await step]


@wf.workflow
async def typed(token: str) -> list[str]:
    """Payloads that are validated where they are awaited."""
    hook = Strict.wait(token=token)
    told: list[str] = []
    for _ in range(2):
        try:
            told.append(str((await hook).count))
        except pydantic.ValidationError as error:
            told.append(f"{error.error_count()} error")
    return told


@wf.workflow
async def unread(token: str) -> list[str]:
    """A hook that nobody reads, beside branches that work."""
    Note.wait(token=token)

    async def branch(name: str) -> str:
        await pass_gate(token)
        return await note(name)

    return list(await asyncio.gather(branch("left"), branch("right")))


@wf.workflow
async def disposed(token: str) -> str:
    """Wait for a hook that was given up."""
    hook = Note.wait(token=token)
    await note("created")
    hook.dispose()
    try:
        await hook
    except HookDisposedError as error:
        return str(error)
    return "not disposed"


@wf.workflow
async def conflict(token: str) -> list[Any]:
    """Catch what is raised when another run has the token."""
    try:
        await Note.wait(token=token)
    except HookConflictError as error:
        return [error.token, error.conflicting_run_id]
    return []


@wf.workflow
async def controller(token: str, seconds: int) -> str:
    """An abort controller that several processes share, by its token."""
    async with Note.wait(token=token) as hook:
        if await hook.get_conflict() is not None:
            return "another one"
        text = await race(hook, seconds)
    reason = "expired" if text is None else text
    await say_and_close(reason)
    return reason


@wf.step
async def say_and_close(reason: str) -> None:
    """The last word of the stream."""
    out = get_writable()
    await out.write({"aborted": True, "reason": reason})
    await out.close()
