"""The doors of Python: `SyncWorld`, and `World` whose calls are driven one by one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, cast

from tests.doors.called import Called, blocking, driven_by
from tests.doors.door import DEPLOYMENT, Door
from tests.doors.rows import (
    delivery_of,
    event_of,
    first_chunks,
    hook_of,
    page_of,
    run_of,
    step_of,
)
from tests.doors.values import Delivery, Entry, Event, Hook, Page, Paging, Run, Step
from tests.support import STEP, WORKFLOW
from workflow_pg import Codec, MessageKind, NewEvent, SyncWorld, World


@contextmanager
def sync_world(dsn: str) -> Generator[Door]:
    """The door of `SyncWorld`."""
    with SyncWorld(dsn, max_size=2) as world:
        yield Worlds(cast("SyncWorld", Called(world, blocking)))


@contextmanager
def async_world(dsn: str) -> Generator[Door]:
    """The door of `World`."""
    # With a factory the runner leaves the loop of the thread alone.
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        world = World(dsn, max_size=2)
        runner.run(world.open())
        try:
            yield Worlds(cast("SyncWorld", Called(world, driven_by(runner))))
        finally:
            runner.run(world.close())


class Worlds(Door):
    """The methods of a World."""

    def __init__(self, world: SyncWorld) -> None:
        self._world = world

    def create_run(
        self,
        run_id: str,
        input: bytes,
        *,
        attributes: Mapping[str, str] | None = None,
        spec_version: int = 7,
    ) -> None:
        self._world.runs.create(
            WORKFLOW,
            input,
            run_id=run_id,
            deployment_id=DEPLOYMENT,
            attributes=attributes,
            spec_version=spec_version,
        )

    def start_run(self, run_id: str) -> Run:
        return run_of(asdict(self._world.runs.start(run_id)))

    def complete_run(self, run_id: str, output: bytes) -> None:
        self._world.runs.complete(run_id, output)

    def fail_run(self, run_id: str, error: bytes, code: str) -> None:
        self._world.runs.fail(run_id, error, error_code=code)

    def cancel_run(self, run_id: str, reason: str | None = None) -> None:
        self._world.runs.cancel(run_id, reason=reason)

    def cancel_runs(self, run_ids: Sequence[str]) -> list[str]:
        return [one.outcome for one in self._world.runs.cancel_many(run_ids)]

    def set_attributes(self, run_id: str, changes: Mapping[str, str | None]) -> None:
        self._world.runs.set_attributes(run_id, changes)

    def get_run(self, run_id: str) -> Run:
        return run_of(asdict(self._world.runs.get(run_id)))

    def get_runs(self, run_ids: Sequence[str]) -> list[Run | None]:
        runs = self._world.runs.get_many(run_ids)
        return [run and run_of(asdict(run)) for run in runs]

    def list_runs(
        self, paging: Paging, *, attributes: Mapping[str, str] | None = None
    ) -> Page[str]:
        runs = self._world.runs.list(
            attributes=attributes,
            limit=paging.limit,
            cursor=paging.cursor,
            ascending=paging.ascending,
        )
        return page_of([asdict(run) for run in runs], lambda run: run["run_id"])

    def create_step(self, run_id: str, step_id: str, input: bytes) -> None:
        self._world.steps.create(run_id, step_id, STEP, input)

    def start_step(self, run_id: str, step_id: str) -> Step:
        return step_of(asdict(self._world.steps.start(run_id, step_id)))

    def start_new_step(self, run_id: str, step_id: str, input: bytes) -> Step:
        step = self._world.steps.start_new(run_id, step_id, STEP, input)
        return step_of(asdict(step))

    def retry_step(
        self, run_id: str, step_id: str, error: bytes, retry_after: datetime
    ) -> None:
        self._world.steps.retry(run_id, step_id, error, retry_after=retry_after)

    def complete_step(self, run_id: str, step_id: str, result: bytes) -> None:
        self._world.steps.complete(run_id, step_id, result)

    def fail_step(self, run_id: str, step_id: str, error: bytes) -> None:
        self._world.steps.fail(run_id, step_id, error)

    def get_step(self, run_id: str, step_id: str) -> Step:
        return step_of(asdict(self._world.steps.get(run_id, step_id)))

    def list_steps(self, run_id: str, paging: Paging) -> Page[str]:
        steps = self._world.steps.list(run_id, **_said(paging))
        return page_of([asdict(step) for step in steps], lambda row: row["step_id"])

    def create_hook(
        self, run_id: str, hook_id: str, token: str, metadata: bytes | None = None
    ) -> str | None:
        return self._world.hooks.create(
            run_id, hook_id, token, metadata=metadata, is_webhook=False
        ).conflicting_run_id

    def receive_hook(
        self, run_id: str, hook_id: str, payload: bytes, resume_id: str | None = None
    ) -> None:
        self._world.hooks.receive(run_id, hook_id, payload, resume_id=resume_id)

    def dispose_hook(self, run_id: str, hook_id: str) -> None:
        self._world.hooks.dispose(run_id, hook_id)

    def get_hook(self, run_id: str, hook_id: str) -> Hook:
        return hook_of(asdict(self._world.hooks.get(run_id, hook_id)))

    def get_hook_by_token(self, token: str) -> Hook:
        return hook_of(asdict(self._world.hooks.get_by_token(token)))

    def list_hooks(self, run_id: str, paging: Paging) -> Page[str]:
        hooks = self._world.hooks.list(run_id, **_said(paging))
        return page_of([asdict(hook) for hook in hooks], lambda row: row["hook_id"])

    def create_wait(self, run_id: str, wait_id: str, resume_at: datetime) -> None:
        self._world.waits.create(run_id, wait_id, resume_at)

    def complete_wait(self, run_id: str, wait_id: str) -> None:
        self._world.waits.complete(run_id, wait_id)

    def list_waits(self, run_id: str, paging: Paging) -> Page[tuple[str, str]]:
        waits = self._world.waits.list(run_id, **_said(paging))
        rows = [asdict(wait) for wait in waits]
        return page_of(rows, lambda row: (row["wait_id"], row["status"]))

    def append_events(self, run_id: str, entries: Sequence[Entry]) -> list[int]:
        events = [
            NewEvent(
                event_type=entry.type,
                correlation_id=entry.correlation_id,
                facts=entry.facts,
                payload=entry.payload,
            )
            for entry in entries
        ]
        return [one.status for one in self._world.events.create_batch(run_id, events)]

    def list_events(self, run_id: str, paging: Paging) -> Page[Event]:
        events = self._world.events.list(run_id, **_said(paging))
        return page_of([asdict(event) for event in events], event_of, "event_id")

    def write_stream(self, run_id: str, name: str, chunks: Sequence[bytes]) -> None:
        self._world.streams.write(run_id, name, *chunks)

    def close_stream(self, run_id: str, name: str) -> None:
        self._world.streams.close(run_id, name)

    def read_stream(
        self, run_id: str, name: str, start: int
    ) -> tuple[list[tuple[int, bytes]], bool]:
        page = self._world.streams.page(run_id, name, start=start)
        return first_chunks(page.first_index, page.chunks, is_closed=page.is_closed)

    def follow_stream(self, run_id: str, name: str, start: int) -> list[bytes]:
        read = self._world.streams.read(run_id, name, start=start)
        return [chunk.data for chunk in read]

    def get_stream(self, run_id: str, name: str) -> tuple[int, bool]:
        stream = self._world.streams.get(run_id, name)
        return stream.tail_index, stream.closed_at is not None

    def list_streams(self, run_id: str) -> list[str]:
        return [stream.name for stream in self._world.streams.list(run_id)]

    def send_message(self, run_id: str, note: str, key: str) -> str:
        return self._world.queue.send(
            run_id,
            MessageKind.CUSTOM,
            body=json.dumps({"runId": run_id, "note": note}).encode(),
            codec=Codec.JSON,
            idempotency_key=key,
        )

    def claim_messages(self, worker_id: str, lease_seconds: int) -> list[Delivery]:
        claimed = self._world.queue.claim(
            worker_id,
            [WORKFLOW],
            [STEP],
            limit=10,
            deployment_id=DEPLOYMENT,
            lease=timedelta(seconds=lease_seconds),
        )
        return [delivery_of(asdict(delivery), delivery) for delivery in claimed]

    def extend_lease(self, delivery: Delivery, lease_seconds: int) -> bool:
        lease = timedelta(seconds=lease_seconds)
        return bool(self._world.queue.renew([delivery.held], lease=lease))

    def release_message(self, delivery: Delivery) -> None:
        self._world.queue.release(delivery.held)

    def ack_message(self, delivery: Delivery) -> None:
        self._world.queue.ack(delivery.held)


def _said(paging: Paging) -> dict[str, Any]:
    return {
        "limit": paging.limit,
        "cursor": paging.cursor,
        "descending": not paging.ascending,
    }
