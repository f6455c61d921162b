"""`start_once`: the SDK's `start`, with a start key on its way to the database.

The SDK has no such option. So it draws the run id and encodes the arguments as always;
only its run_created is another call, and when the key stands for a run already, that
ends the start.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from hmac import digest
from typing import TypeVar
from uuid import uuid4

from workflow_pg.models import KeyPolicy, KeyScope
from workflow_pg.sdk import _compat as sdk
from workflow_pg.sdk import shapes
from workflow_pg.world import World

T = TypeVar("T")

_DIGESTS = "start_keys"
"""Stands for a run id where the secret of digests is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartKey:
    """A start key, with what `create_keyed` has to know of it."""

    key: str
    policy: KeyPolicy
    scope: KeyScope
    ttl: timedelta | None
    input_digest: bytes


class Started(Exception):
    """The key stands for a run already. No error: it ends the SDK's start."""

    def __init__(self, run_id: str) -> None:
        super().__init__(run_id)
        self.run_id = run_id


current_key: ContextVar[StartKey | None] = ContextVar("workflow_pg_key", default=None)
"""Set while the SDK starts a run under a key."""


async def start_once(
    workflow: sdk.Workflow[..., T],
    args: tuple[object, ...],
    kwargs: dict[str, object],
    *,
    key: str,
    policy: KeyPolicy,
    scope: KeyScope,
    ttl: timedelta | None,
) -> sdk.Run[T]:
    """Start a run, or find the one that the key stands for; see `workflow_pg.sdk`."""
    of_input = await _digest(sdk.plain_input(workflow, args, kwargs))
    token = current_key.set(
        StartKey(key=key, policy=policy, scope=scope, ttl=ttl, input_digest=of_input)
    )
    try:
        return await sdk.start(workflow, *args, **kwargs)
    except Started as found:
        return sdk.run_of(workflow, found.run_id)
    finally:
        current_key.reset(token)


async def _digest(plain: bytes) -> bytes:
    """Of what the arguments are, not of how they are stored: that differs each time.

    Where payloads are encrypted, nobody may guess them by their digest.
    """
    secret = await sdk.get_world().run_key(_DIGESTS)
    return sha256(plain).digest() if secret is None else digest(secret, plain, "sha256")


def append_of(
    run_id: str | None, event: sdk.RunCreatedEvent, start_key: StartKey
) -> Callable[[World], Awaitable[sdk.EventResult]]:
    """The call for run_created under a key, with its dedup key drawn.

    Made, it raises `Started` when the key stands for another run.
    """
    data = event.event_data
    dedup_key = uuid4().hex

    async def append(world: World) -> sdk.EventResult:
        reply = await world.runs.create_keyed(
            start_key.key,
            data.workflow_name,
            data.input,
            policy=start_key.policy,
            scope=start_key.scope,
            ttl=start_key.ttl,
            input_digest=start_key.input_digest,
            run_id=run_id,
            deployment_id=data.deployment_id,
            execution_context=data.execution_context,
            encryption_public_key=data.encryption_public_key,
            spec_version=event.spec_version,
            dedup_key=dedup_key,
        )
        if reply.seq is None:
            raise Started(reply.run_id)
        return sdk.EventResult(event=shapes.stored(event, reply))

    return append
