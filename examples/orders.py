"""An order from payment to parcel, in the public API of ``vercel.workflow``.

Nothing here knows of PostgreSQL. Every step notes in a journal that its body ran, so
that the demo can count what really happened.
"""

from __future__ import annotations

import asyncio
import dataclasses
import os
import pathlib

from vercel.workflow import (
    BaseHook,
    RetryableError,
    Workflows,
    get_step_metadata,
    sleep,
)

wf = Workflows()


@dataclasses.dataclass
class Approval(BaseHook):
    """Somebody looks at the order and lets it go."""

    approved_by: str


async def approve_order(order_id: str, *, by: str) -> None:
    """Resume the hook of an order; HookNotFoundError while there is none."""
    approval = Approval(approved_by=by)
    # The SDK's signature leaves the type of its keyword arguments open.
    await approval.resume(f"approve-{order_id}")  # pyright: ignore[reportUnknownMemberType]


def note(line: str) -> None:
    """Add a line to the journal, if there is one."""
    journal = os.environ.get("ORDERS_JOURNAL")
    if journal:
        with pathlib.Path(journal).open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")


@wf.step
async def charge(order_id: str, cents: int) -> str:
    """Charge the card; returns the receipt."""
    note("charge")
    return f"receipt-{order_id}-{cents}"


@wf.step
async def reserve(order_id: str) -> str:
    """Reserve the goods; returns the shelf."""
    note("reserve")
    return f"shelf-{len(order_id)}"


@wf.step
async def print_label(order_id: str) -> str:
    """Print the label. The printer fails twice, then works."""
    note("print_label")
    attempt = get_step_metadata().attempt
    if attempt < 3:
        raise RetryableError(f"printer is busy (attempt {attempt})", retry_after="1s")
    return f"label-{order_id}"


@wf.step
async def pack(shelf: str, label: str) -> str:
    """Pack the parcel, which takes a while."""
    note("pack")
    await asyncio.sleep(3)
    return f"parcel from {shelf} with {label}"


@wf.workflow
async def fulfil(order_id: str, cents: int) -> dict[str, str]:
    """Fulfil an order: pay and reserve, print, wait, be approved, pack."""
    receipt, shelf = await asyncio.gather(charge(order_id, cents), reserve(order_id))
    label = await print_label(order_id)
    await sleep("2s")
    approval = await Approval.wait(token=f"approve-{order_id}")
    parcel = await pack(shelf, label)
    return {
        "receipt": receipt,
        "parcel": parcel,
        "approved_by": approval.approved_by,
    }
