"""One delivery from the queue to the SDK's handler and back.

What the handler answers is a queue call: nothing acknowledges, a continuation
reschedules, an exception gives back with a delay. A message that cannot succeed is
buried by name, at once or when it has been delivered too often.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from workflow_pg import errors
from workflow_pg.models import Delivery, MessageKind
from workflow_pg.sdk import _compat as sdk
from workflow_pg.sdk import messages
from workflow_pg.sdk.context import Held, current, in_epoch
from workflow_pg.sdk.errors import hopeless_cause
from workflow_pg.sdk.joining import leave_block
from workflow_pg.sdk.retry import persist
from workflow_pg.world import World

log = logging.getLogger("workflow_pg")


async def handle(
    world: World,
    handler: sdk.QueueHandler,
    held: Held,
    on_reschedule: Callable[[float], None],
) -> None:
    """Have a delivery handled and settle it. Raises nothing but cancellation.

    Args:
        world: Where it came from.
        handler: The SDK's handler of its queue.
        held: The delivery, kept alive by the worker meanwhile.
        on_reschedule: Told in how many seconds the message is due again.
    """
    current.set(held)
    leave_block()
    try:
        with in_epoch(held.epoch):
            try:
                settle = await _outcome(world, handler, held, on_reschedule)
            except asyncio.CancelledError:
                await _settled(held, lambda: world.queue.release(held.delivery))
                raise
            await _settled(held, settle)
    finally:
        held.is_over = True


async def _outcome(
    world: World,
    handler: sdk.QueueHandler,
    held: Held,
    on_reschedule: Callable[[float], None],
) -> Callable[[], Awaitable[None]]:
    queue, delivery = world.queue, held.delivery
    if delivery.is_exhausted:
        times = delivery.attempt - 1
        sentence = f"{_what(delivery)} was delivered {times} times without success"
        log.error("%s: buried", sentence)
        return lambda: queue.bury(delivery, sentence)
    try:
        answer = await handler(
            messages.wire_form(delivery),
            attempt=delivery.attempt,
            queue_name=delivery.queue_name,
            message_id=delivery.message_id,
        )
    except errors.KeyUnavailable as error:
        # Another worker may have the key, and this one when it is delivered again.
        sentence = str(error)
        log.warning("%s cannot be handled here: %s", _what(delivery), sentence)
        return lambda: queue.nack(delivery, sentence)
    except Exception as error:
        if held.lost:
            log.info("%s is ours no longer, and ended in: %r", _what(delivery), error)
            return _nothing
        cause = hopeless_cause(error)
        if cause is not None:
            log.exception("%s cannot succeed: buried", _what(delivery))
            name = type(cause).__name__
            return lambda: queue.bury(
                delivery, str(cause), error_name=name, error_code="RUNTIME_ERROR"
            )
        log.exception("%s failed, delivery %s", _what(delivery), delivery.attempt)
        text = f"{type(error).__name__}: {error}"
        return lambda: queue.nack(delivery, text)
    if answer is None:
        return lambda: queue.ack(delivery)
    seconds, key = answer.delay_seconds, answer.idempotency_key

    async def reschedule() -> None:
        await queue.reschedule(
            delivery, timedelta(seconds=seconds), idempotency_key=key
        )
        on_reschedule(seconds)

    return reschedule


async def _nothing() -> None:
    pass


async def _settled(held: Held, settle: Callable[[], Awaitable[None]]) -> None:
    if held.lost:
        return
    held.is_settling = True
    try:
        await persist(settle, lambda _: not held.lost)
    except errors.HistoryCut:
        held.lost = True
        held.on_cut()
    except errors.Conflict:
        log.info("%s is another's now", _what(held.delivery))
    except Exception:
        if not held.lost:
            log.exception("%s could not be settled", _what(held.delivery))


def _what(delivery: Delivery) -> str:
    if delivery.kind is MessageKind.STEP:
        return f"step {delivery.step_id} of run {delivery.run_id}"
    if delivery.kind is MessageKind.CUSTOM:
        return f"message {delivery.message_id} about run {delivery.run_id}"
    return f"replay of run {delivery.run_id}"
