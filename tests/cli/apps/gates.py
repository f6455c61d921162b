"""An app with a step that waits at a gate, which a test opens by making a file."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

from vercel.workflow import Workflows

wf = Workflows()


@wf.step
async def greet(name: str) -> str:
    """Greet."""
    return f"hello {name}"


@wf.step
async def pass_gate(name: str) -> str:
    """Say that we are here, and wait until the gate is open."""
    folder = Path(os.environ["GATES"])
    (folder / f"{name}.{os.getpid()}").touch()
    # Another process opens it.
    while not (folder / f"{name}.open").exists():  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    return f"passed by {os.getpid()}"


@wf.workflow
async def hello(name: str) -> str:
    """Greet in a step."""
    return await greet(name)


@wf.workflow
async def gated(name: str) -> str:
    """Wait in a step."""
    return await pass_gate(name)


@wf.step
async def block(name: str) -> str:
    """Say that we are here, and let nothing else happen in this process."""
    folder = Path(os.environ["GATES"])
    (folder / f"{name}.{os.getpid()}").touch()
    while True:
        time.sleep(60)  # noqa: ASYNC251


@wf.workflow
async def blocked(name: str) -> str:
    """Block the process in a step."""
    return await block(name)
