"""Workflows that set attributes of their runs, in bodies and in steps."""

from __future__ import annotations

import asyncio

from vercel.workflow import (
    FatalError,
    SandboxPolicy,
    Workflows,
    get_step_metadata,
    remove_attributes,
    set_attributes,
    sleep,
)

wf = Workflows(sandbox_policy=SandboxPolicy(share_sandboxes=True))


@wf.step
async def charge_customer(customer_id: str) -> str:
    """Charge somebody."""
    return f"receipt of {customer_id}"


@wf.workflow
async def renew_subscription(customer_id: str) -> None:
    """The example of the SDK's documentation."""
    await set_attributes(customer=customer_id, phase="charging")
    await charge_customer(customer_id)
    await set_attributes(phase="done")
    await remove_attributes("customer")


@wf.step
async def label(key: str, value: str) -> None:
    """Set an attribute, and one that only this step sets."""
    await set_attributes({key: value, f"{key} of": get_step_metadata().step_id})


@wf.workflow
async def label_in_parallel(width: int) -> int:
    """Let many steps set attributes at once, and the body in between."""
    steps = [label(f"step {number}", str(number)) for number in range(width)]
    bodies = [set_attributes({f"body {number}": "x"}) for number in range(3)]
    await asyncio.gather(*steps, *bodies)
    return width


@wf.workflow
async def label_and_fail(where: str) -> None:
    """Set attributes, and fail."""
    await set_attributes(before=where)
    await label("step", where)
    await set_attributes({"step of": "nobody"})
    raise FatalError("out of stock")


@wf.workflow
async def label_and_sleep() -> str:
    """Set attributes around a sleep, as each replay does again."""
    await set_attributes(phase="sleeping", gone="soon")
    await sleep("1s")
    await set_attributes(phase="awake")
    await remove_attributes("gone", "never there")
    await set_attributes({"$mine": "yes"}, allow_reserved_attributes=True)
    return "awake"


@wf.step
async def label_badly(count: int) -> str:
    """Set too many attributes; says what it was told."""
    try:
        await set_attributes({f"more {number}": "" for number in range(count)})
    except FatalError as error:
        return f"{type(error).__name__}: {error}"
    return "all set"


@wf.workflow
async def label_too_much_in_a_step() -> list[str]:
    """Set as many attributes as there may be, and more, and go on."""
    return [await label_badly(63), await label_badly(64), await label_badly(65)]


@wf.workflow
async def label_too_much_in_the_body() -> None:
    """Set more attributes in two calls than there may be."""
    await set_attributes({f"one {number}": "" for number in range(40)})
    await set_attributes({f"two {number}": "" for number in range(40)})


@wf.workflow
async def label_wrongly(key: str, value: str) -> str:
    """Set what the SDK refuses by itself; says what it was told."""
    try:
        await set_attributes({key: value})
    except FatalError as error:
        return str(error)
    return "set"


@wf.workflow
async def nap(seconds: int) -> str:
    """Sleep while others set attributes."""
    await set_attributes(phase="asleep")
    await sleep(seconds)
    await set_attributes(phase="awake")
    return "awake"
