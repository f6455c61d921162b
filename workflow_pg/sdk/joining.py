"""`use_connection`: the block in which the SDK's calls are the caller's statements.

A context variable carries the block: other tasks do not see it, and those that are
started inside it do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar, Token
from functools import cached_property
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar
from weakref import WeakKeyDictionary, WeakSet

from workflow_pg import schema
from workflow_pg.calls.call import Call
from workflow_pg.database import Connection
from workflow_pg.errors import ConnectionUnusable, translated
from workflow_pg.sdk import statements
from workflow_pg.sdk.connections import source_of
from workflow_pg.sdk.context import current_epoch
from workflow_pg.world import World

__all__ = ["Block", "Joining", "current_block", "leave_block"]

T = TypeVar("T")

_current: ContextVar[Block | None] = ContextVar("workflow_pg_block", default=None)


class Block:
    """One `use_connection(...)`; see there.

    Args:
        given: The connection, as the caller has it.
        savepoints: Whether a refusal leaves the transaction usable.
    """

    def __init__(self, given: object, *, savepoints: bool) -> None:
        self.source = source_of(given)
        self.savepoints = savepoints
        self._tokens: list[Token[Block | None]] = []

    @property
    def is_open(self) -> bool:
        """Whether its end has not come yet."""
        return bool(self._tokens)

    def __enter__(self) -> Self:
        self._tokens.append(_current.set(self))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _current.reset(self._tokens.pop())

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.__exit__(kind, error, trace)


def current_block() -> Block | None:
    """The block that the current task is in, or was started in."""
    return _current.get()


def leave_block() -> None:
    """Make the current task one that is in no block."""
    _current.set(None)


class CallOwn(Protocol):
    """Makes a call on a connection of our own."""

    async def __call__(self, use: Callable[[World], Awaitable[T]]) -> T:
        """What the call returns."""
        ...


class Joining:
    """Worlds whose calls are statements of callers.

    Args:
        make_world: Makes a World that is not open.
        call_own: Makes a call on that database without a caller's connection.
    """

    def __init__(self, make_world: Callable[[], World], call_own: CallOwn) -> None:
        self._make_world = make_world
        self._call_own = call_own
        self._known: WeakSet[Any] = WeakSet()
        self._database_id: str | None = None

    def world_of(self, block: Block) -> World:
        """The World of a block; it needs no opening, and no closing."""
        return self._unopened.calling_through(_Joined(block, self._check))

    @cached_property
    def _unopened(self) -> World:
        return self._make_world()

    async def _check(self, driver: statements.Driver) -> None:
        """Refuse a connection to another database; asked once for each connection."""
        if driver in self._known:
            return
        installed = await schema.check(_Probe(driver))
        if installed.database_id != self._database_id:
            # Not known yet, or it has been made anew since.
            ours = await self._call_own(lambda world: world.check_schema())
            self._database_id = ours.database_id
        if installed.database_id != self._database_id:
            raise ConnectionUnusable(
                "The connection given to use_connection leads to another database than"
                " the one given to use_postgres: connect both to the same one."
            )
        self._known.add(driver)


class _Joined:
    """Makes calls on the connection of a block: once each, one at a time."""

    def __init__(
        self, block: Block, check: Callable[[statements.Driver], Awaitable[None]]
    ) -> None:
        self._block = block
        self._check = check

    async def run(self, call: Call[T], connection: Connection | None = None) -> T:
        """Make a call as a statement of the caller's.

        Raises:
            ConnectionUnusable: The block is over, the connection is of another driver,
                or it leads to another database.
            SchemaUnusable: It leads to a database without our schema.
        """
        block, source = self._block, self._block.source
        # The caller's connection may be newer than the delivery that it is used in.
        if (epoch := current_epoch()) is not None:
            call = call.within(epoch)
        # The savepoint of one call must not be that of another.
        async with _lock_of(source.given):
            if not block.is_open:
                raise ConnectionUnusable(
                    "The use_connection block that this task was started in is over:"
                    " await the task inside the block, or start it outside."
                )
            driver = await source.driver()
            await self._check(driver)
            with translated():
                return await statements.make(
                    driver, call, in_savepoint=block.savepoints
                )


class _Probe:
    """Makes calls whose failure leaves the caller's transaction as it was."""

    def __init__(self, driver: statements.Driver) -> None:
        self._driver = driver

    async def run(self, call: Call[T], connection: Connection | None = None) -> T:
        with translated():
            return await statements.make(self._driver, call, in_savepoint=True)


_locks: WeakKeyDictionary[
    asyncio.AbstractEventLoop, WeakKeyDictionary[Any, asyncio.Lock]
] = WeakKeyDictionary()


def _lock_of(given: object) -> asyncio.Lock:
    """The lock of a connection, of any block that has it, in the running loop."""
    locks = _locks.setdefault(asyncio.get_running_loop(), WeakKeyDictionary())
    return locks.setdefault(given, asyncio.Lock())
