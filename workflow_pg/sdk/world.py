"""The SDK's World on PostgreSQL: each method is one call and decides nothing."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Any
from uuid import uuid4

from workflow_pg import errors
from workflow_pg.models import MessageKind
from workflow_pg.sdk import _compat as sdk
from workflow_pg.sdk import appends, keyed, messages, shapes
from workflow_pg.sdk.calling import Calls
from workflow_pg.sdk.context import (
    Held,
    current,
    give_slot_back,
    in_hand,
)
from workflow_pg.sdk.errors import translate
from workflow_pg.sdk.joining import current_block
from workflow_pg.sdk.keyed import StartKey, current_key
from workflow_pg.sdk.keys import KeyProvider
from workflow_pg.sdk.run_keys import Created, Described, RunKeys
from workflow_pg.sdk.streams import StreamCalls

PAGE = 1000


class PostgresWorld(Calls, sdk.World):
    """What ``use_postgres`` installs.

    Args:
        dsn: Where the schema is installed.
        deployment: Deployment under which runs are started.
        listen_dsn: Direct connection for notifications; default is ``dsn``.
        prepare_threshold: See ``use_postgres``.
        max_size: Connections per event loop, at most.
        keys: Encryption keys; None for none.
    """

    def __init__(
        self,
        dsn: str,
        *,
        deployment: str = "default",
        listen_dsn: str | None = None,
        prepare_threshold: int | None = 5,
        max_size: int = 10,
        keys: KeyProvider | None = None,
    ) -> None:
        super().__init__(
            dsn,
            listen_dsn=listen_dsn,
            prepare_threshold=prepare_threshold,
            max_size=max_size,
        )
        self.deployment = deployment
        self.handlers: dict[str, sdk.QueueHandler] = {}
        self.keys = RunKeys(keys, self._find_run)
        self._streams = StreamCalls(self._get_own, self._open, self.keys)

    async def get_deployment_id(self) -> str:
        """The deployment of runs started here: a step's own, else the configured."""
        held = current.get()
        return self.deployment if held is None else held.delivery.deployment_id

    async def run_key(
        self, run_id: str, *, deployment_id: str | None = None
    ) -> bytes | None:
        """The key of a run's payloads; None for a run that is not encrypted."""
        return await self.keys.of(run_id)

    async def events_create(self, run_id: str | None, data: Any) -> sdk.EventResult:
        """Append an event. Refusals are raised as the SDK names them."""
        if isinstance(data, sdk.RunCreatedEvent) and run_id is not None:
            created = self.keys.stamped(run_id, data.event_data)
            data = data.model_copy(update={"event_data": created})
        start_key = current_key.get()
        if start_key is not None:
            return await self._create_keyed(run_id, data, start_key)
        # A delivery that the caller's transaction holds could not keep its lease.
        held = in_hand() if current_block() is None else None
        try:
            result = await self.call(appends.append_of(run_id, data, held))
        except errors.Refusal as refusal:
            raise translate(refusal, data.event_type, data.correlation_id) from refusal
        if result.run is not None:
            self.keys.note(result.run)
        return result

    async def _create_keyed(
        self, run_id: str | None, data: sdk.RunCreatedEvent, start_key: StartKey
    ) -> sdk.EventResult:
        secret = None
        if run_id is not None and data.event_data.encryption_public_key is not None:
            secret = await self.keys.for_digests(run_id)
        try:
            return await self.call(keyed.append_of(run_id, data, start_key, secret))
        except errors.Conflict:
            # Heard by `start_once`'s caller, whom its detail tells the run.
            raise
        except errors.Refusal as refusal:
            raise translate(refusal, data.event_type) from refusal

    async def events_list(
        self, run_id: str, *, pagination: sdk.PaginationOptions | None = None
    ) -> sdk.PaginatedResult[sdk.Event]:
        """One page of the log; the cursor is the last seq, on the last page too."""
        page = pagination or sdk.PaginationOptions()
        limit = min(page.limit or PAGE, PAGE)
        after = int(page.cursor) if page.cursor else None
        rows = await self.call(
            lambda world: world.events.list(
                run_id, after=after, limit=limit, descending=page.sort_order == "desc"
            )
        )
        return sdk.PaginatedResult[sdk.Event].from_wire(
            {
                "data": [shapes.event(row) for row in rows],
                "cursor": str(rows[-1].seq) if rows else page.cursor,
                "hasMore": len(rows) == limit,
            }
        )

    async def runs_get(self, run_id: str) -> sdk.WorkflowRun:
        """A run with its outcome, without its input, which nobody reads from here."""
        row = await self._get(lambda world: world.runs.get(run_id, with_input=False))
        if row.completed_at is None:
            give_slot_back(run_id)
        self.keys.note(row)
        held = current.get()
        if held is not None and held.delivery.run_id == run_id:
            # A step is about to begin: without the key that attempt would be lost.
            await self.keys.of(run_id)
        return shapes.run(row)

    async def steps_get(self, run_id: str, step_id: str) -> sdk.WorkflowStep:
        """A step with its payloads."""
        return shapes.step(
            await self._get(lambda world: world.steps.get(run_id, step_id))
        )

    async def hooks_get_by_token(self, token: str) -> sdk.Hook:
        """The live hook that holds a token."""
        try:
            row = await self.call(lambda world: world.hooks.get_by_token(token))
        except errors.NotFound as refusal:
            raise sdk.HookNotFoundError(token=token) from refusal
        return shapes.hook(row)

    async def queue(
        self,
        queue_name: str,
        message: sdk.QueuePayload,
        *,
        deployment_id: str | None = None,
        idempotency_key: str | None = None,
        **kwargs: Any,
    ) -> str:
        """Send a message; what the database left by itself converges with it."""
        step_id = None
        if isinstance(message, sdk.HealthCheckPayload):
            deployment_id = deployment_id or self.deployment
        else:
            step_id = message.step_id
            if message.run_input is not None:
                created = self.keys.stamped(message.run_id, message.run_input)
                message = message.model_copy(update={"run_input": created})
        run_id = messages.run_of(message)
        kind, body = messages.kind_and_body(message)
        # Drawn before the first try, so that a repeat is the same message.
        message_id = f"msg_{uuid4().hex}"
        held = in_hand()
        if held is not None and _is_there(run_id, step_id, kind, held):
            return message_id
        return await self._get(
            lambda world: world.queue.send(
                run_id,
                kind,
                message_id=message_id,
                queue_name=queue_name,
                step_id=step_id,
                body=body,
                idempotency_key=idempotency_key if step_id is None else None,
                deployment_id=deployment_id,
            )
        )

    def create_queue_handler(
        self, queue_name_prefix: str, handler: sdk.QueueHandler
    ) -> sdk.HTTPHandler:
        """Remember who handles a queue. Connects nothing and consumes nothing."""
        self.handlers[queue_name_prefix] = handler
        return _no_http

    async def _find_run(self, run_id: str) -> Described | None:
        # By its log: to read a run that is not there is refused, and a refusal may
        # abort the transaction of a caller who only starts one.
        events = await self.call(
            lambda world: world.events.list(run_id, limit=1, with_payloads=False)
        )
        return Created(events[0]) if events else None

    async def streams_write(self, run_id: str, name: str, chunk: bytes) -> None:
        """Append one chunk."""
        await self._streams.write(run_id, name, [chunk])

    async def streams_write_multi(
        self, run_id: str, name: str, chunks: Sequence[bytes]
    ) -> None:
        """Append chunks in order, under an index each."""
        await self._streams.write(run_id, name, chunks)

    async def streams_close(self, run_id: str, name: str) -> None:
        """Close a stream for good; a second time is no error."""
        await self._streams.close(run_id, name)

    def streams_get(
        self, run_id: str, name: str, start_index: int | None = None
    ) -> AsyncGenerator[bytes, None]:
        """Follow a stream until it is closed; empty chunks are left out."""
        return self._streams.read(run_id, name, start_index or 0)

    async def streams_list(self, run_id: str) -> list[str]:
        """The streams of a run in the order of their creation, the SDK's own too."""
        return await self._streams.names(run_id)

    async def streams_get_chunks(
        self,
        run_id: str,
        name: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> sdk.StreamChunksPage:
        """One page of what is there already."""
        return await self._streams.page(run_id, name, limit, cursor)

    async def streams_get_info(self, run_id: str, name: str) -> sdk.StreamInfo:
        """How far a stream is and whether it is closed."""
        return await self._streams.info(run_id, name)


def _is_there(run_id: str, step_id: str | None, kind: MessageKind, held: Held) -> bool:
    """Whether an append of this delivery has left the message in its transaction.

    The send would find it and write nothing.
    """
    if run_id != held.delivery.run_id:
        return False
    if kind is MessageKind.STEP:
        return step_id in held.dispatched
    if kind is MessageKind.WAKE and held.has_woken:
        # That one; whatever comes later may need a wake of its own.
        held.has_woken = False
        return True
    return False


async def _no_http(request: sdk.HTTPRequest) -> sdk.HTTPResponse:
    """Deliveries come from the database; nobody may bring one by HTTP."""
    return sdk.HTTPResponse.json(
        {"error": "this World is delivered to by workflow-pg worker, not by HTTP"},
        status=404,
    )
