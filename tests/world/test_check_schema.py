"""`World.check_schema`: which databases are refused, and in which words."""

from __future__ import annotations

import os

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier

from workflow_pg import SchemaUnusable, World
from workflow_pg.migrate import packaged_stamp


async def refusal(dsn: str) -> str:
    """What the World says about a database."""
    async with World(dsn) as world:
        with pytest.raises(SchemaUnusable) as caught:
            await world.check_schema()
    return str(caught.value)


def stamp(conn: psycopg.Connection, **columns: object) -> None:
    """Change what a database says about itself."""
    for name, value in columns.items():
        conn.execute(
            SQL("update workflow_pg_private.installation set {} = %s").format(
                Identifier(name)
            ),
            (value,),
        )


async def test_a_migrated_database_is_accepted(dsn: str) -> None:
    async with World(dsn) as world:
        await world.check_schema()


async def test_an_empty_database(empty_dsn: str) -> None:
    said = await refusal(empty_dsn)
    assert "not migrated" in said
    assert "`workflow-pg migrate up`" in said


async def test_a_schema_of_our_name_that_is_not_ours(empty_dsn: str) -> None:
    with psycopg.connect(empty_dsn, autocommit=True) as conn:
        conn.execute("create schema workflow_pg")
    assert "no function schema_version" in await refusal(empty_dsn)


async def test_a_half_migrated_database(dsn: str, conn: psycopg.Connection) -> None:
    stamp(conn, state="migrating", migration=3)
    said = await refusal(dsn)
    assert "half-migrated" in said
    assert "at migration 3" in said


async def test_an_older_database(dsn: str, conn: psycopg.Connection) -> None:
    newest = packaged_stamp().migration
    stamp(conn, migration=newest - 1)
    said = await refusal(dsn)
    assert "is older" in said
    assert f"migration {newest - 1} of {newest}" in said


async def test_a_newer_database(dsn: str, conn: psycopg.Connection) -> None:
    stamp(conn, migration=9999, tool_version="77.1")
    said = await refusal(dsn)
    assert "is newer" in said
    assert "upgrade the package to 77.1" in said


async def test_functions_of_another_version(dsn: str, conn: psycopg.Connection) -> None:
    stamp(conn, sql_checksum="other")
    assert "`workflow-pg migrate up`" in await refusal(dsn)
    stamp(conn, tool_version="77.1")
    assert "upgrade the package to 77.1" in await refusal(dsn)


async def test_a_login_without_a_grant(dsn: str, conn: psycopg.Connection) -> None:
    role = Identifier(f"workflow_pg_nobody_{os.getpid()}")
    conn.execute(SQL("create role {}").format(role))
    try:
        nobody = make_conninfo(dsn, options=f"-c role=workflow_pg_nobody_{os.getpid()}")
        assert "`workflow-pg migrate grant" in await refusal(nobody)
    finally:
        conn.execute(SQL("drop role {}").format(role))
