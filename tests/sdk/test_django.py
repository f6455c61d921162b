"""`use_connection` with the connection of Django, whose code blocks."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import django
import psycopg
import pytest
from asgiref.sync import async_to_sync
from django import db
from django.conf import settings
from django.core.exceptions import SynchronousOnlyOperation
from psycopg.conninfo import conninfo_to_dict
from vercel.workflow import HookNotFoundError, start

from tests.sdk.apps import shop
from tests.sdk.test_use_connection import ORDER, TABLE, ids
from workflow_pg import ConnectionUnusable
from workflow_pg.sdk import _compat as sdk
from workflow_pg.sdk import start_once, use_connection
from workflow_pg.sdk.world import PostgresWorld

settings.configure(USE_TZ=True, TIME_ZONE="Asia/Tokyo")  # pyright: ignore[reportUnknownMemberType]
django.setup()  # pyright: ignore[reportUnknownMemberType]

# Django has no types.
connection: Any = db.connection
connections: Any = db.connections
atomic: Any = import_module("django.db.transaction").atomic


@pytest.fixture(autouse=True)
def django_database(dsn: str) -> Iterator[None]:
    """Django's default database is that of the test, and so is the SDK's World."""
    told = conninfo_to_dict(dsn)
    names = {"HOST": "host", "PORT": "port", "USER": "user", "PASSWORD": "password"}
    database = {name: told[key] for name, key in names.items()}
    database |= {"NAME": told["dbname"], "ENGINE": "django.db.backends.postgresql"}
    connections.settings = connections.configure_settings({"default": database})
    forget()
    before = sdk.get_world()
    sdk.set_world(PostgresWorld(dsn))
    try:
        yield
    finally:
        connections.close_all()
        forget()
        sdk.set_world(before)


def forget() -> None:
    """Have Django make its connection anew, from the settings as they are then."""
    for name in list(connections):
        if hasattr(connections._connections, name):
            del connections[name]


def test_atomic_commits_the_run_with_the_row(conn: psycopg.Connection) -> None:
    conn.execute(TABLE)
    with atomic():
        with connection.cursor() as cursor:
            cursor.execute(ORDER)
        with use_connection(connection):
            run = async_to_sync(start)(shop.no_step, "you")
            assert async_to_sync(run.status)() == "pending"
        assert ids(conn) == set()
    assert ids(conn) == {run.run_id}


def test_atomic_undoes_the_run_with_the_row(conn: psycopg.Connection) -> None:
    conn.execute(TABLE)

    def fail() -> None:
        with atomic(), use_connection(connection):
            asyncio.run(start_once(shop.no_step, "you", key="A17"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with atomic(), connection.cursor() as cursor:
        cursor.execute(ORDER)
    assert ids(conn) == set()


def test_a_nested_atomic_undoes_its_part(conn: psycopg.Connection) -> None:
    with atomic(), use_connection(connection):
        run = async_to_sync(start)(shop.no_step, "you")
        with pytest.raises(ZeroDivisionError), atomic():  # noqa: PT012
            async_to_sync(start)(shop.no_step, "never")
            raise ZeroDivisionError
    assert ids(conn) == {run.run_id}


def test_a_refusal_leaves_the_transaction_usable(conn: psycopg.Connection) -> None:
    conn.execute(TABLE)
    with atomic(), use_connection(connection):
        with pytest.raises(HookNotFoundError):
            async_to_sync(shop.resume)("nobody", "hello")
        with connection.cursor() as cursor:
            cursor.execute(ORDER)
    assert conn.execute("select number from orders").fetchall() == [("A17",)]


def test_outside_of_atomic_each_call_is_on_its_own(conn: psycopg.Connection) -> None:
    with use_connection(connection):
        run = async_to_sync(start)(shop.no_step, "you")
        assert ids(conn) == {run.run_id}
        with pytest.raises(HookNotFoundError):
            async_to_sync(shop.resume)("nobody", "hello")


def test_a_connection_that_is_closed_is_opened_as_django_does(
    conn: psycopg.Connection,
) -> None:
    connection.close()
    with use_connection(connections["default"]):
        before = async_to_sync(start)(shop.no_step, "you")
        connection.close()
        after = async_to_sync(start)(shop.no_step, "you")
    assert ids(conn) == {before.run_id, after.run_id}


async def test_in_async_code_django_says_what_it_always_says() -> None:
    with pytest.raises(SynchronousOnlyOperation, match="sync_to_async"):
        use_connection(connection)


def test_a_database_of_another_kind_is_refused(tmp_path: Path) -> None:
    # A file, because Django never closes a database in memory.
    name = str(tmp_path / "another.sqlite")
    connections.settings = connections.configure_settings(
        {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": name}}
    )
    with (
        use_connection(connection),
        pytest.raises(
            ConnectionUnusable, match=r"cannot use sqlite3\.Connection|Django"
        ),
    ):
        asyncio.run(start(shop.no_step, "you"))
