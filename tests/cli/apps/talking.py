"""An app that logs in its workflow and in its steps, and fails on demand."""

from __future__ import annotations

import logging

from vercel.workflow import FatalError, Workflows

wf = Workflows()
log = logging.getLogger("talking")


@wf.step
async def say(word: str) -> str:
    """Log from a step."""
    log.info("in the step", extra={"colour": "blue"})
    return word


@wf.step
async def fail(word: str) -> str:
    """Fail, with what a terminal would obey."""
    log.warning("going to\nfail\x1b[2J\u202e")
    raise FatalError("broken\x1b[2J")


@wf.workflow
async def talk(word: str) -> str:
    """Log from a workflow."""
    log.info("in the workflow")
    return await say(word)


@wf.workflow
async def stumble(word: str) -> str:
    """Fail in a step."""
    return await fail(word)
