"""What a door is to a scenario: each operation once, in values that all doors share.

A door translates and decides nothing. What is refused is `Refused`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime

from tests.doors.values import Delivery, Entry, Event, Hook, Page, Paging, Run, Step

DEPLOYMENT = "doors"


class Absent(Exception):
    """A door does not have the operation."""


class Door(ABC):
    """One way into the database.

    Runs are of WORKFLOW and DEPLOYMENT, steps are STEP. What not every door has, as
    `docs/doors.md` says, is `Absent` here.
    """

    @abstractmethod
    def create_run(
        self,
        run_id: str,
        input: bytes,
        *,
        attributes: Mapping[str, str] | None = None,
        spec_version: int = 7,
    ) -> None: ...

    @abstractmethod
    def start_run(self, run_id: str) -> Run: ...

    @abstractmethod
    def complete_run(self, run_id: str, output: bytes) -> None: ...

    @abstractmethod
    def fail_run(self, run_id: str, error: bytes, code: str) -> None: ...

    @abstractmethod
    def cancel_run(self, run_id: str, reason: str | None = None) -> None: ...

    @abstractmethod
    def cancel_runs(self, run_ids: Sequence[str]) -> list[str]:
        """The outcome of each."""

    @abstractmethod
    def set_attributes(
        self, run_id: str, changes: Mapping[str, str | None]
    ) -> None: ...

    @abstractmethod
    def get_run(self, run_id: str) -> Run: ...

    @abstractmethod
    def get_runs(self, run_ids: Sequence[str]) -> list[Run | None]: ...

    @abstractmethod
    def list_runs(
        self, paging: Paging, *, attributes: Mapping[str, str] | None = None
    ) -> Page[str]:
        """Their ids."""

    @abstractmethod
    def create_step(self, run_id: str, step_id: str, input: bytes) -> None: ...

    @abstractmethod
    def start_step(self, run_id: str, step_id: str) -> Step: ...

    @abstractmethod
    def start_new_step(self, run_id: str, step_id: str, input: bytes) -> Step:
        """Create it by starting it."""

    @abstractmethod
    def retry_step(
        self, run_id: str, step_id: str, error: bytes, retry_after: datetime
    ) -> None: ...

    @abstractmethod
    def complete_step(self, run_id: str, step_id: str, result: bytes) -> None: ...

    @abstractmethod
    def fail_step(self, run_id: str, step_id: str, error: bytes) -> None: ...

    @abstractmethod
    def get_step(self, run_id: str, step_id: str) -> Step: ...

    @abstractmethod
    def list_steps(self, run_id: str, paging: Paging) -> Page[str]:
        """Their ids."""

    @abstractmethod
    def create_hook(
        self, run_id: str, hook_id: str, token: str, metadata: bytes | None = None
    ) -> str | None:
        """The run that holds the token, when this one does not get it."""

    @abstractmethod
    def receive_hook(
        self, run_id: str, hook_id: str, payload: bytes, resume_id: str | None = None
    ) -> None: ...

    @abstractmethod
    def dispose_hook(self, run_id: str, hook_id: str) -> None: ...

    @abstractmethod
    def get_hook(self, run_id: str, hook_id: str) -> Hook: ...

    @abstractmethod
    def get_hook_by_token(self, token: str) -> Hook: ...

    @abstractmethod
    def list_hooks(self, run_id: str, paging: Paging) -> Page[str]:
        """Their ids."""

    @abstractmethod
    def create_wait(self, run_id: str, wait_id: str, resume_at: datetime) -> None: ...

    @abstractmethod
    def complete_wait(self, run_id: str, wait_id: str) -> None: ...

    def list_waits(self, run_id: str, paging: Paging) -> Page[tuple[str, str]]:
        """Their ids and statuses."""
        raise Absent

    @abstractmethod
    def append_events(self, run_id: str, entries: Sequence[Entry]) -> list[int]:
        """The status of each."""

    @abstractmethod
    def list_events(self, run_id: str, paging: Paging) -> Page[Event]: ...

    @abstractmethod
    def write_stream(self, run_id: str, name: str, chunks: Sequence[bytes]) -> None: ...

    @abstractmethod
    def close_stream(self, run_id: str, name: str) -> None: ...

    @abstractmethod
    def read_stream(
        self, run_id: str, name: str, start: int
    ) -> tuple[list[tuple[int, bytes]], bool]:
        """Chunks with their indexes, and whether the stream is closed."""

    def follow_stream(self, run_id: str, name: str, start: int) -> list[bytes]:
        """What a reader gets until the stream is closed."""
        raise Absent

    @abstractmethod
    def get_stream(self, run_id: str, name: str) -> tuple[int, bool]:
        """The index of the last chunk, and whether the stream is closed."""

    @abstractmethod
    def list_streams(self, run_id: str) -> list[str]:
        """Their names."""

    @abstractmethod
    def send_message(self, run_id: str, note: str, key: str) -> str:
        """The id of a message of kind custom that says `{runId, note}`."""

    def claim_messages(self, worker_id: str, lease_seconds: int) -> list[Delivery]:
        """What a worker of WORKFLOW and STEP gets, up to 10 messages."""
        raise Absent

    def extend_lease(self, delivery: Delivery, lease_seconds: int) -> bool:
        """Whether it is still held."""
        raise Absent

    def release_message(self, delivery: Delivery) -> None:
        """Back to the queue, as if it had not been claimed."""
        raise Absent

    def ack_message(self, delivery: Delivery) -> None:
        """It is done."""
        raise Absent
