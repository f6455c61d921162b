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

from workflow_pg.errors import Conflict
from workflow_pg.models import KeyPolicy, KeyScope
from workflow_pg.sdk import _compat as sdk
from workflow_pg.sdk import shapes
from workflow_pg.sdk.joining import current_block
from workflow_pg.sdk.run_keys import RunKeys
from workflow_pg.world import World

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class StartKey:
    """A start key, with what `create_keyed` has to know of it."""

    key: str
    policy: KeyPolicy
    scope: KeyScope
    ttl: timedelta | None
    digest_with: Callable[[bytes | None], bytes]
    former_digest: bytes | None


class Started(Exception):
    """The key stands for a run already. No error: it ends the SDK's start."""

    def __init__(self, run_id: str) -> None:
        super().__init__(run_id)
        self.run_id = run_id


current_key: ContextVar[StartKey | None] = ContextVar("workflow_pg_key", default=None)
"""Set while the SDK starts a run under a key."""


async def start_once(
    keys: RunKeys,
    workflow: sdk.Workflow[..., T],
    args: tuple[object, ...],
    kwargs: dict[str, object],
    *,
    key: str,
    policy: KeyPolicy,
    scope: KeyScope,
    ttl: timedelta | None,
) -> sdk.Run[T]:
    """Start a run, or find the one that the key stands for; see `workflow_pg.sdk`.

    What is compared is a digest of the arguments and not of their bytes, which differ
    from start to start. Where payloads are encrypted it has a secret, so that nobody
    can guess them by it, the one of the run's own key; what was started with another
    key has another digest. That one is only compared: the start key may be free by
    then, and would stand for the new run.
    """
    plain = sdk.plain_input(workflow, args, kwargs)

    def digest_with(secret: bytes | None) -> bytes:
        return digest(secret, plain, "sha256") if secret else sha256(plain).digest()

    async def try_to_start(former_digest: bytes | None = None) -> sdk.Run[T]:
        start_key = StartKey(
            key=key,
            policy=policy,
            scope=scope,
            ttl=ttl,
            digest_with=digest_with,
            former_digest=former_digest,
        )
        token = current_key.set(start_key)
        try:
            return await sdk.start(workflow, *args, **kwargs)
        except Started as found:
            return sdk.run_of(workflow, found.run_id)
        finally:
            current_key.reset(token)

    try:
        return await try_to_start()
    except Conflict as refusal:
        if not _may_differ_by_key(keys, policy, refusal):
            raise
        secret = await keys.for_digests(refusal.detail["run_id"])
    return await try_to_start(digest_with(secret))


def _may_differ_by_key(keys: RunKeys, policy: KeyPolicy, refusal: Conflict) -> bool:
    block = current_block()
    is_aborted = block is not None and not block.savepoints
    is_other_start = refusal.detail.get("is_same_start") is False
    is_returned = policy is KeyPolicy.RETURN
    return (
        keys.provider is not None and is_other_start and is_returned and not is_aborted
    )


def append_of(
    run_id: str | None,
    event: sdk.RunCreatedEvent,
    start_key: StartKey,
    secret: bytes | None,
) -> Callable[[World], Awaitable[sdk.EventResult]]:
    """The call for run_created under a key, with its dedup key drawn.

    ``secret`` is that of the run's key, None for a run that is not encrypted.
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
            input_digest=start_key.digest_with(secret),
            former_digest=start_key.former_digest,
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
