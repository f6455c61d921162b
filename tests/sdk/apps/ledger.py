"""Steps with transactions of their own, and SDK calls that are a part of them."""

from __future__ import annotations

import asyncio
import dataclasses

import psycopg
from vercel.workflow import BaseHook, SandboxPolicy, Workflows, start

from workflow_pg.sdk import use_connection

# The driver cannot be imported in the sandbox, where it would never be used.
wf = Workflows(sandbox_policy=SandboxPolicy(passthrough_modules=frozenset({"psycopg"})))

dsn = ""
"""The database of the test."""

attempts: list[str] = []
"""One for each time that the body of `enter` ran; steps run outside the sandbox."""

gate = asyncio.Event()
"""Set while `resume_itself` has an open transaction; the test clears it."""


@dataclasses.dataclass
class Word(BaseHook):
    """What a run says to itself."""

    text: str


@wf.step
async def enter(account: str) -> str:
    """Write a row and start a child, and fail between the two commits once."""
    attempts.append(account)
    async with await psycopg.AsyncConnection.connect(dsn) as own:
        with use_connection(own):
            child = await start(report, account)
        await own.execute(
            "insert into entries values (%s, %s)", (account, child.run_id)
        )
        if len(attempts) == 1:
            raise RuntimeError("before the commit")
    return child.run_id


@wf.step
async def resume_itself(token: str) -> None:
    """Resume a hook of its own run, in a transaction that stays open for a while."""
    async with await psycopg.AsyncConnection.connect(dsn) as own:
        with use_connection(own):
            await Word(text=token).resume(token)  # pyright: ignore[reportUnknownMemberType]
        gate.set()
        while gate.is_set():  # noqa: ASYNC110  # of the test, in another loop perhaps
            await asyncio.sleep(0.02)


@wf.workflow
async def report(account: str) -> str:
    """Say what was booked."""
    return f"booked {account}"


@wf.workflow
async def book(account: str) -> str:
    """Enter it; returns the id of the child."""
    return await enter(account)


@wf.workflow
async def talk_to_itself(token: str) -> str:
    """Wait for a word that a step says in a transaction of its own."""
    word = Word.wait(token=token)
    step = asyncio.create_task(resume_itself(token))
    text = (await word).text
    await step
    return text
