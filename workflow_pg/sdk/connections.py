"""The connections that callers have, and the psycopg connection beneath each of them.

SQLAlchemy and Django are known by their own classes, and only where the caller has
imported them. The connection beneath is asked for anew for each call: after a commit a
session may go on with another one.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, cast

from psycopg import AsyncConnection, Connection

from workflow_pg.errors import ConnectionUnusable
from workflow_pg.sdk.statements import Driver, in_thread

__all__ = ["Source", "source_of"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where calls are made.

    ``given`` is what the caller's statements are made on, and is not used by two calls
    at once; ``find`` finds the connection beneath it.
    """

    given: object
    find: Callable[[], Awaitable[object]]

    async def driver(self) -> Driver:
        """The psycopg connection of the next call.

        Raises:
            ConnectionUnusable: It is one of another driver.
        """
        found = await self.find()
        if not isinstance(found, AsyncConnection | Connection):
            raise _refused(found)
        return cast("Driver", found)


def source_of(given: object) -> Source:
    """How the psycopg connection beneath what the caller has is found.

    Raises:
        ConnectionUnusable: It is no connection that we know.
    """
    if isinstance(given, AsyncConnection | Connection):
        connection = cast("Driver", given)

        async def find() -> object:
            return connection

        return Source(connection, find)
    source = _of_sqlalchemy(given) or _of_django(given)
    if source is None:
        raise _refused(given)
    return source


def _of_sqlalchemy(given: object) -> Source | None:
    if "sqlalchemy" not in sys.modules:
        return None
    from sqlalchemy import engine, orm
    from sqlalchemy.ext import asyncio as aio

    def beneath(connection: engine.Connection) -> object:
        # Or its commit would have nothing to commit, as far as it knows.
        if not connection.in_transaction():
            connection.begin()
        return connection.connection.driver_connection

    async def beneath_async(connection: aio.AsyncConnection) -> object:
        if not connection.in_transaction():
            await connection.begin()
        return (await connection.get_raw_connection()).driver_connection

    async def beneath_session(session: aio.AsyncSession) -> object:
        return await beneath_async(await session.connection())

    # Which session it is depends on the thread or the task: on this one.
    if isinstance(given, orm.scoped_session):
        given = cast("orm.scoped_session[orm.Session]", given)()
    elif isinstance(given, aio.async_scoped_session):
        given = cast("aio.async_scoped_session[aio.AsyncSession]", given)()

    if isinstance(given, aio.AsyncSession):
        session = given
        return Source(given, lambda: beneath_session(session))
    if isinstance(given, aio.AsyncConnection):
        connection = given
        return Source(given, lambda: beneath_async(connection))
    # To find these may mean to connect, which blocks.
    if isinstance(given, orm.Session):
        blocking = given
        return Source(given, lambda: in_thread(lambda: beneath(blocking.connection())))
    if isinstance(given, engine.Connection):
        engine_connection = given
        return Source(given, lambda: in_thread(lambda: beneath(engine_connection)))
    return None


def _of_django(given: object) -> Source | None:
    if "django.db" not in sys.modules:
        return None
    # By name, because Django has no types.
    db = import_module("django.db")
    base = import_module("django.db.backends.base.base")
    # Which connection the proxy is depends on the thread: on this one.
    wrapper: Any = given
    if isinstance(given, db.ConnectionProxy):
        wrapper = db.connections[wrapper.alias]
    is_django: bool = isinstance(wrapper, base.BaseDatabaseWrapper)
    if not is_django:
        return None
    wrapper.ensure_connection()

    async def find() -> object:
        if wrapper.connection is None:
            # It was closed inside the block, as Django does with old ones.
            await in_thread(wrapper.ensure_connection)
        return wrapper.connection

    return Source(wrapper, find)


def _refused(found: object) -> ConnectionUnusable:
    kind = type(found)
    return ConnectionUnusable(
        f"use_connection cannot use {kind.__module__}.{kind.__qualname__}: give it a"
        " connection of psycopg 3, or one of SQLAlchemy (postgresql+psycopg://) or"
        " Django with psycopg 3 beneath it."
    )
