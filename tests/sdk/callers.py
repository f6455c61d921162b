"""The connections that callers have: one class for each, all used in the same way."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy.ext import asyncio as aio
from sqlalchemy.orm import Session, scoped_session, sessionmaker


@dataclass(frozen=True, slots=True)
class Caller:
    """A connection in the caller's hands, and what the caller does with it."""

    given: Any
    execute: Callable[[str], Awaitable[object]]
    commit: Callable[[], Awaitable[object]]
    rollback: Callable[[], Awaitable[object]]


Opener = Callable[[str], AbstractAsyncContextManager[Caller]]


def url_of(dsn: str, driver: str) -> sa.URL:
    """The address of a database as SQLAlchemy writes it."""
    told = conninfo_to_dict(dsn)
    return sa.URL.create(
        f"postgresql+{driver}",
        username=str(told["user"]),
        password=str(told["password"]),
        host=str(told["host"]),
        port=int(str(told["port"])),
        database=str(told["dbname"]),
    )


def _blocking(given: Any, run: Callable[[str], object]) -> Caller:
    """The caller of a connection that blocks."""

    async def execute(text: str) -> object:
        return run(text)

    async def commit() -> object:
        return given.commit()

    async def rollback() -> object:
        return given.rollback()

    return Caller(given, execute, commit, rollback)


@contextlib.asynccontextmanager
async def psycopg_async(dsn: str) -> AsyncGenerator[Caller]:
    """psycopg.AsyncConnection."""
    async with await psycopg.AsyncConnection.connect(dsn) as connection:

        async def execute(text: str) -> object:
            return await connection.execute(text.encode())

        yield Caller(connection, execute, connection.commit, connection.rollback)


@contextlib.asynccontextmanager
async def psycopg_blocking(dsn: str) -> AsyncGenerator[Caller]:
    """psycopg.Connection."""
    with psycopg.connect(dsn) as connection:
        yield _blocking(connection, lambda text: connection.execute(text.encode()))


@contextlib.contextmanager
def _engine(dsn: str) -> Generator[sa.Engine]:
    engine = sa.create_engine(url_of(dsn, "psycopg"))
    try:
        yield engine
    finally:
        engine.dispose()


@contextlib.asynccontextmanager
async def _async_engine(dsn: str) -> AsyncGenerator[aio.AsyncEngine]:
    engine = aio.create_async_engine(url_of(dsn, "psycopg"))
    try:
        yield engine
    finally:
        await engine.dispose()


@contextlib.asynccontextmanager
async def sqlalchemy_connection(dsn: str) -> AsyncGenerator[Caller]:
    """sqlalchemy.Connection."""
    with _engine(dsn) as engine, engine.connect() as connection:
        yield _blocking(connection, lambda text: connection.execute(sa.text(text)))


@contextlib.asynccontextmanager
async def sqlalchemy_session(dsn: str) -> AsyncGenerator[Caller]:
    """sqlalchemy.orm.Session."""
    with _engine(dsn) as engine, Session(engine) as session:
        yield _blocking(session, lambda text: session.execute(sa.text(text)))


@contextlib.asynccontextmanager
async def sqlalchemy_scoped_session(dsn: str) -> AsyncGenerator[Caller]:
    """sqlalchemy.orm.scoped_session, as web frameworks have it."""
    with _engine(dsn) as engine:
        session = scoped_session(sessionmaker(engine))
        try:
            yield _blocking(session, lambda text: session.execute(sa.text(text)))
        finally:
            session.remove()


@contextlib.asynccontextmanager
async def sqlalchemy_async_connection(dsn: str) -> AsyncGenerator[Caller]:
    """sqlalchemy.ext.asyncio.AsyncConnection."""
    async with _async_engine(dsn) as engine, engine.connect() as connection:

        async def execute(text: str) -> object:
            return await connection.execute(sa.text(text))

        yield Caller(connection, execute, connection.commit, connection.rollback)


@contextlib.asynccontextmanager
async def sqlalchemy_async_session(dsn: str) -> AsyncGenerator[Caller]:
    """sqlalchemy.ext.asyncio.AsyncSession."""
    async with _async_engine(dsn) as engine, aio.AsyncSession(engine) as session:

        async def execute(text: str) -> object:
            return await session.execute(sa.text(text))

        yield Caller(session, execute, session.commit, session.rollback)


OPENERS: tuple[Opener, ...] = (
    psycopg_async,
    psycopg_blocking,
    sqlalchemy_connection,
    sqlalchemy_session,
    sqlalchemy_scoped_session,
    sqlalchemy_async_connection,
    sqlalchemy_async_session,
)
