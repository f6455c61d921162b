"""Is there a server that lets us in? And if not, may it be there in a moment?

No library tells why a connection failed, other than in a sentence of the server's
language. So one that failed at once is followed by a ping of libpq, which tells a
server that answers from one that is not there, or that is starting or stopping.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import psycopg
from psycopg import AsyncConnection, Connection, errors
from psycopg.conninfo import make_conninfo
from psycopg.pq import PGconn, Ping

from workflow_pg.dsn import read_dsn
from workflow_pg.errors import Unreachable
from workflow_pg.migrate.database import redacted

__all__ = ["reach", "reach_blocking"]

# libpq allows no less, and nothing else happens meanwhile. The server has just answered
# or refused the connection: this is for one that falls silent in between.
_PING_SECONDS = 2
_AWAY = {Ping.REJECT, Ping.NO_RESPONSE}


async def reach(dsn: str, settings: dict[str, Any]) -> None:
    """Connect once, to learn at once what a pool would try for long.

    Args:
        dsn: Connection string that can be read.
        settings: Of the connections that are to be made.

    Raises:
        Unreachable: There is no server, or it does not let us in.
    """
    try:
        return await _connect(dsn, settings)
    except psycopg.Error as error:
        # Raised below, without its cause, which may repeat the password.
        failure = error
    may_pass = await asyncio.to_thread(_may_pass, dsn, failure)
    if not may_pass:
        # It answers: if it has only just begun to, the next connection is made.
        try:
            return await _connect(dsn, settings)
        except psycopg.Error as error:
            failure = error
    raise _unreachable(dsn, failure, may_pass=may_pass)


def reach_blocking(dsn: str, settings: dict[str, Any]) -> None:
    """Do as ``reach`` does, for a program that blocks."""
    try:
        return _connect_blocking(dsn, settings)
    except psycopg.Error as error:
        failure = error
    may_pass = _may_pass(dsn, failure)
    if not may_pass:
        try:
            return _connect_blocking(dsn, settings)
        except psycopg.Error as error:
            failure = error
    raise _unreachable(dsn, failure, may_pass=may_pass)


async def _connect(dsn: str, settings: dict[str, Any]) -> None:
    connection = await AsyncConnection[Any].connect(dsn, **settings)
    await connection.close()


def _connect_blocking(dsn: str, settings: dict[str, Any]) -> None:
    Connection[Any].connect(dsn, **settings).close()


def _unreachable(dsn: str, failure: psycopg.Error, *, may_pass: bool) -> Unreachable:
    words = redacted(" ".join(str(failure).split()), dsn)
    return Unreachable(f"The database cannot be reached: {words}", may_pass=may_pass)


def _may_pass(dsn: str, failure: psycopg.Error) -> bool:
    """Whether the server is away, and not unwilling or another one."""
    if isinstance(failure, errors.ConnectionTimeout):
        return True
    # Before the ping, which would wait for name servers as well.
    refusals = _refusals_of_names(dsn)
    if refusals is not None:
        return socket.EAI_AGAIN in refusals
    ping = PGconn.ping(make_conninfo(dsn, connect_timeout=_PING_SECONDS).encode())
    return ping in _AWAY


def _refusals_of_names(dsn: str) -> set[int] | None:
    """Why none of the hosts has an address; None when one has, or needs none."""
    given = read_dsn(dsn)
    refusals: set[int] = set()
    for host in str(given.get("host") or "").split(","):
        if given.get("hostaddr") or not host or host.startswith(("/", "@")):
            return None
        if host.endswith(".invalid"):
            # RFC 6761: nobody ever has it, and no name server is needed to know.
            refusals.add(socket.EAI_NONAME)
            continue
        try:
            socket.getaddrinfo(host, None)
        except socket.gaierror as error:
            refusals.add(error.errno or 0)
        else:
            return None
    return refusals
