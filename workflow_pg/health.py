"""Is there a worker that takes messages, and how long does it take to answer?

A health check is a message like any other, about a run that never was. The worker that
claims it answers on a stream of that run. Nothing has to be installed here for it but
this package. Whoever gives up takes its message back; ``maintain()`` clears away what
an hour-old check has left.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing, suppress
from uuid import uuid4

from workflow_pg import codec
from workflow_pg.errors import WorkflowPgError
from workflow_pg.models import MessageKind
from workflow_pg.world import World

__all__ = ["ANY_WORKFLOW", "probe", "queue_of", "run_of", "stream_of"]

ANY_WORKFLOW = "health_check"
"""A name that every worker serves beside its own."""

WITHDRAWAL_SECONDS = 5.0
"""How long to try to take back a message that nobody has answered."""


def run_of(correlation_id: str) -> str:
    """The run that a check is about, as SDKs invent it."""
    return f"wrun_hc_{correlation_id}"


def stream_of(correlation_id: str) -> str:
    """The stream on which a check is answered, as SDKs name it."""
    return f"__health_check__{correlation_id}"


def queue_of(target: str, namespace: str | None = None) -> str:
    """The queue of a workflow; a queue stays what it is."""
    if target.startswith("__"):
        return target
    prefix = "__wkf_workflow_" if namespace is None else f"__{namespace}_wkf_workflow_"
    return f"{prefix}{target}"


async def probe(
    world: World,
    target: str = ANY_WORKFLOW,
    *,
    timeout: float = 10.0,  # noqa: ASYNC109  # part of what is asked, not of how
    deployment_id: str = "default",
    namespace: str | None = None,
) -> float:
    """Send a health check and wait for its answer.

    Args:
        world: Where workers claim their messages.
        target: Name of a workflow, or of a queue, ``__wkf_workflow_<name>``; the
            default is answered by any worker of the deployment and namespace.
        timeout: Seconds to wait.
        deployment_id: Whose workers are asked.
        namespace: Queue namespace of the workers, when ``target`` is no queue.

    Returns:
        Seconds between the send and the answer.

    Raises:
        TimeoutError: Nobody has answered in time.
        MalformedCall: WF400, ``target``, ``namespace`` or ``deployment_id`` is none.

    SQL: workflow_pg.send_message, workflow_pg.read_stream, workflow_pg.withdraw_probe
    """
    correlation_id = uuid4().hex
    run_id, queue_name = run_of(correlation_id), queue_of(target, namespace)
    message = {"__healthCheck": True, "correlationId": correlation_id}
    began = time.perf_counter()
    is_answered = False
    try:
        async with asyncio.timeout(timeout):
            await world.queue.send(
                run_id,
                MessageKind.CUSTOM,
                queue_name=queue_name,
                body=codec.encode(message),
                deployment_id=deployment_id,
            )
            answers = world.streams.read(run_id, stream_of(correlation_id))
            async with aclosing(answers) as chunks:
                await anext(chunks, None)
        is_answered = True
    except TimeoutError:
        raise TimeoutError(
            f"no worker of deployment {deployment_id} answered on queue {queue_name}"
            f" within {timeout:g} s"
        ) from None
    finally:
        if not is_answered:
            await _withdraw(world, run_id)
    return time.perf_counter() - began


async def _withdraw(world: World, run_id: str) -> None:
    """Take the message back, if that can be done: what is left is harmless."""
    from psycopg import Error

    with suppress(Error, WorkflowPgError, TimeoutError):
        async with asyncio.timeout(WITHDRAWAL_SECONDS):
            await world.queue.withdraw_probe(run_id)
