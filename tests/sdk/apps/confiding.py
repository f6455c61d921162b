"""A workflow with something to hide in every place that takes data of its user."""

from __future__ import annotations

import asyncio
import dataclasses

from vercel.workflow import (
    BaseHook,
    FatalError,
    RetryableError,
    SandboxPolicy,
    Workflows,
    WorkflowStreamWriter,
    get_step_metadata,
    get_writable,
    start,
)

wf = Workflows(sandbox_policy=SandboxPolicy(share_sandboxes=True))

SECRETS = [
    *("secret-input", "secret-argument", "secret-result", "secret-retry"),
    *("secret-step-error", "secret-run-error", "secret-payload", "secret-metadata"),
    *("secret-chunk", "secret-named-chunk", "secret-reason", "secret-output"),
    *("secret-child-input", "secret-child-output"),
]

RAN: list[str] = []
"""Names of the steps whose bodies ran; steps run outside the sandbox."""


@dataclasses.dataclass
class Confession(BaseHook):
    """A payload for hooks."""

    text: str


@wf.step
async def repeat(text: str) -> str:
    """Take one secret and give another."""
    RAN.append("repeat")
    assert text == "secret-argument"
    return "secret-result"


@wf.step
async def stumble() -> None:
    """Fail once, with a secret."""
    if get_step_metadata().attempt == 1:
        raise RetryableError("secret-retry", retry_after="1s")


@wf.step
async def fall() -> None:
    """Fail for good, with a secret."""
    raise FatalError("secret-step-error")


@wf.step
async def whisper() -> None:
    """Stream secrets."""
    for namespace, text in ((None, "secret-chunk"), ("aside", "secret-named-chunk")):
        out = get_writable(namespace=namespace)
        assert isinstance(out, WorkflowStreamWriter)
        async with out:
            await out.write(text)


@wf.step(cancellable=True)
async def hold() -> None:
    """Wait to be told a secret reason."""
    RAN.append("hold")
    await asyncio.Event().wait()


@wf.step
async def ask_child() -> str:
    """Tell a child a secret, and hear one."""
    run = await start(child, "secret-child-input")
    return await run.return_value()


@wf.workflow
async def child(text: str) -> str:
    """Know a secret of the parent's."""
    return "secret-child-output" if text == "secret-child-input" else "nothing"


@wf.workflow
async def everything(text: str) -> str:
    """Have secrets everywhere."""
    heard = [text, await repeat("secret-argument"), await ask_child()]
    await stumble()
    await whisper()
    try:
        await fall()
    except FatalError as error:
        heard.append(str(error))
    holding = asyncio.ensure_future(hold())
    async with Confession.wait(token="token-open", metadata="secret-metadata") as hook:
        heard.append((await hook).text)
    holding.cancel("secret-reason")
    try:
        await holding
    except asyncio.CancelledError as error:
        heard.append(str(error))
    assert heard == [
        *("secret-input", "secret-result", "secret-child-output"),
        *("secret-step-error", "secret-payload", "secret-reason"),
    ]
    return "secret-output"


@wf.workflow
async def doomed() -> None:
    """Fail with a secret."""
    raise FatalError("secret-run-error")


@wf.workflow
async def brief(text: str) -> str:
    """One step between a secret and another."""
    assert text == "secret-input"
    return await repeat("secret-argument")


@wf.workflow
async def listen(token: str) -> str:
    """Say what a hook was resumed with."""
    return (await Confession.wait(token=token)).text


@wf.workflow
async def expect(token: str) -> str:
    """Say of a hook what it is for."""
    return (await Confession.wait(token=token, metadata="secret-metadata")).text
