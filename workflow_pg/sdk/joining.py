"""`use_connection`: the block in which the SDK's calls are the caller's statements.

A context variable carries the block: other tasks do not see it, and those that are
started inside it do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Any, Self, TypeVar
from weakref import WeakKeyDictionary, WeakSet

from workflow_pg import schema
from workflow_pg.calls.call import Call
from workflow_pg.database import Connection
from workflow_pg.errors import ConnectionUnusable, translated
from workflow_pg.sdk import statements
from workflow_pg.sdk.connections import source_of

__all__ = ["Block", "Joined", "current_block", "leave_block"]

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


class Joined:
    """Makes calls on the connection of a block: once each, one at a time.

    Args:
        block: The block.
        known: Connections that lead to the right database, as far as is known.
        database_id: Tells the identity of the right database; told whether to ask anew.
    """

    def __init__(
        self,
        block: Block,
        known: WeakSet[Any],
        database_id: Callable[[bool], Awaitable[str]],
    ) -> None:
        self._block = block
        self._known = known
        self._database_id = database_id

    async def run(self, call: Call[T], connection: Connection | None = None) -> T:
        """Make a call as a statement of the caller's.

        Raises:
            ConnectionUnusable: The block is over, the connection is of another driver,
                or it leads to another database.
            SchemaUnusable: It leads to a database without our schema.
        """
        block, source = self._block, self._block.source
        # The savepoint of one call must not be that of another.
        async with _lock_of(source.given):
            if not block.is_open:
                raise ConnectionUnusable(
                    "The use_connection block that this task was started in is over:"
                    " await the task inside the block, or start it outside."
                )
            driver = await source.driver()
            if driver not in self._known:
                await self._check(driver)
                self._known.add(driver)
            with translated():
                rows = await statements.rows(
                    driver, call, in_savepoint=block.savepoints
                )
        return call.read(rows)

    async def _check(self, driver: statements.Driver) -> None:
        installed = await schema.check(_Probe(driver))
        for anew in (False, True):
            if installed.database_id == await self._database_id(anew):
                return
        raise ConnectionUnusable(
            "The connection given to use_connection leads to another database than"
            " the one given to use_postgres: connect both to the same one."
        )


class _Probe:
    """Makes calls whose failure leaves the caller's transaction as it was."""

    def __init__(self, driver: statements.Driver) -> None:
        self._driver = driver

    async def run(self, call: Call[T], connection: Connection | None = None) -> T:
        with translated():
            rows = await statements.rows(self._driver, call, in_savepoint=True)
        return call.read(rows)


_locks: WeakKeyDictionary[
    asyncio.AbstractEventLoop, WeakKeyDictionary[Any, asyncio.Lock]
] = WeakKeyDictionary()


def _lock_of(given: object) -> asyncio.Lock:
    """The lock of a connection, of any block that has it, in the running loop."""
    locks = _locks.setdefault(asyncio.get_running_loop(), WeakKeyDictionary())
    return locks.setdefault(given, asyncio.Lock())
