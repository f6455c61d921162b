"""Which key a run has.

A run is encrypted when it has a public key, which its creator publishes with it. Beside
it, in the execution context, we record the id of the key that the run's own key was
derived from. Both are written once, with the run. So a rotation needs no date and no
clock, and a key that is not the right one is told apart before anything is opened.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from workflow_pg.errors import BadKeys, KeyUnavailable
from workflow_pg.models import Event
from workflow_pg.sdk import _compat as sdk
from workflow_pg.sdk.keys import Key, KeyProvider

__all__ = ["Created", "Described", "RunKeys"]

KEY_ID = "encryptionKeyId"
"""Where the execution context says with which key a run was started."""

PROJECT = "workflow-pg"
DIGESTS = "digests"
"""In place of a run id: no run has it."""
REMEMBERED = 10_000


class Described(Protocol):
    """A run, ours or the SDK's."""

    @property
    def run_id(self) -> str: ...
    @property
    def execution_context(self) -> dict[str, Any] | None: ...
    @property
    def encryption_public_key(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Created:
    """A run, as far as its run_created describes it."""

    event: Event

    @property
    def run_id(self) -> str:
        return self.event.run_id

    @property
    def execution_context(self) -> dict[str, Any] | None:
        return (self.event.facts or {}).get("executionContext")

    @property
    def encryption_public_key(self) -> str | None:
        return (self.event.facts or {}).get("encryptionPublicKey")


M = TypeVar("M", sdk.RunCreatedEventData, sdk.RunInput)


@dataclass(slots=True, kw_only=True)
class _Known:
    public_key: str | None
    key_id: str | None
    key: bytes | None = None


class RunKeys:
    """The keys of runs, for one World.

    Args:
        provider: Has the keys; None when the process has none.
        find: Reads a run; None when there is none of this id.
    """

    def __init__(
        self,
        provider: KeyProvider | None,
        find: Callable[[str], Awaitable[Described | None]],
    ) -> None:
        self.provider = provider
        self._find = find
        self._known: dict[str, _Known] = {}

    def note(self, run: Described) -> None:
        """Remember what a run says about its key, so that nobody has to ask again."""
        if run.run_id not in self._known:
            self._remember(run.run_id, _described(run))

    async def of(self, run_id: str) -> bytes | None:
        """The key of a run, or the one that a run of this id is to be started with.

        Returns:
            32 bytes; None for a run that is not encrypted.

        Raises:
            KeyUnavailable: The run's key is not here.
        """
        if self.provider is None and run_id not in self._known:
            return None
        known = await self._look(run_id) or await self._choose(run_id)
        return await self._opened(run_id, known)

    async def of_existing(self, run_id: str) -> bytes | None:
        """The same for a run that is there, or else None."""
        known = await self._look(run_id)
        return None if known is None else await self._opened(run_id, known)

    async def for_digests(self, run_id: str) -> bytes | None:
        """A secret for digests of a run's payloads, by which nobody can guess them.

        It is made of the key that the run was, or is to be, started with.

        Returns:
            32 bytes; None for a run that is not encrypted, or when its key is not here.
        """
        if self.provider is None:
            return None
        known = await self._look(run_id)
        if known is None or known.public_key is None:
            return None
        key = await self._provided(known.key_id)
        return None if key is None else _derived(key, DIGESTS)

    def stamped(self, run_id: str, created: M) -> M:
        """What creates a run, with the id of the key that was chosen for it.

        Raises:
            KeyUnavailable: It has a public key, and nobody knows of which key any more.
        """
        known = self._known.get(run_id)
        if known is None and created.encryption_public_key is not None:
            raise KeyUnavailable(
                f"the key that was chosen for run {run_id} was forgotten before it was"
                " started, because too many others were started meanwhile: start it"
                " again"
            )
        if known is None or known.key_id is None:
            return created
        context = {**(created.execution_context or {}), KEY_ID: known.key_id}
        return created.model_copy(update={"execution_context": context})

    async def _look(self, run_id: str) -> _Known | None:
        known = self._known.get(run_id)
        if known is not None:
            return known
        run = await self._find(run_id)
        return None if run is None else self._remember(run_id, _described(run))

    async def _choose(self, run_id: str) -> _Known:
        key = await self._provided(None)
        if key is None:
            return _Known(public_key=None, key_id=None)
        own = _derived(key, run_id)
        return self._remember(
            run_id,
            _Known(
                public_key=sdk.derive_run_public_key(own), key_id=key.key_id, key=own
            ),
        )

    async def _opened(self, run_id: str, known: _Known) -> bytes | None:
        if known.public_key is None or known.key is not None:
            return known.key
        what = f"key {known.key_id}" if known.key_id else "a key that it does not name"
        if self.provider is None:
            raise KeyUnavailable(
                f"run {run_id} is encrypted with {what}, and this process has no keys:"
                " set WORKFLOW_PG_KEYS, or name a key file"
            )
        key = await self._provided(known.key_id)
        if key is None:
            raise KeyUnavailable(
                f"run {run_id} is encrypted with {what}, which this process does not"
                " have: add it to its keys"
            )
        own = _derived(key, run_id)
        if sdk.derive_run_public_key(own) != known.public_key:
            raise KeyUnavailable(
                f"run {run_id} is encrypted with {what}, and the key {key.key_id} of"
                " this process is another one"
            )
        known.key = own
        return own

    async def _provided(self, key_id: str | None) -> Key | None:
        assert self.provider is not None
        answer = self.provider(key_id)
        key = await answer if inspect.isawaitable(answer) else answer
        if key is not None and key_id not in (None, key.key_id):
            raise BadKeys(
                f"the key provider was asked for key {key_id} and gave {key.key_id}"
            )
        return key

    def _remember(self, run_id: str, known: _Known) -> _Known:
        self._known[run_id] = known
        if len(self._known) > REMEMBERED:
            # The oldest; whoever still needs it reads the run once more.
            self._known.pop(next(iter(self._known)), None)
        return known


def _described(run: Described) -> _Known:
    key_id = (run.execution_context or {}).get(KEY_ID)
    return _Known(
        public_key=run.encryption_public_key,
        key_id=key_id if isinstance(key_id, str) else None,
    )


def _derived(key: Key, run_id: str) -> bytes:
    """HKDF-SHA256 of the key, with the run's id as info."""
    return sdk.derive_run_key(key.secret, project_id=PROJECT, run_id=run_id)
