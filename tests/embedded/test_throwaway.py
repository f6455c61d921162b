"""A throwaway server: what it offers, and that it can be stopped and started again."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from tests.embedded.processes import processes_of
from workflow_pg.embedded import Binaries, EmbeddedError, EmbeddedServer


@pytest.fixture(scope="module")
def opened(binaries: Binaries) -> Iterator[EmbeddedServer]:
    """One server for the tests that leave it as they found it."""
    with EmbeddedServer(binaries=binaries, settings={"work_mem": "5MB"}) as server:
        yield server


def _show(server: EmbeddedServer, setting: str) -> str:
    with psycopg.connect(server.dsn()) as connection:
        query = "select pg_catalog.current_setting(%s)"
        row = connection.execute(query, [setting]).fetchone()
    assert row is not None
    return row[0]


def test_it_is_the_major_version_that_was_asked_for(
    opened: EmbeddedServer, binaries: Binaries
):
    with psycopg.connect(opened.dsn()) as connection:
        assert connection.info.server_version // 10_000 == binaries.major
    assert opened.major == binaries.major


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("fsync", "off"),
        ("synchronous_commit", "on"),
        ("full_page_writes", "off"),
        ("jit", "off"),
        ("max_connections", "200"),
        ("listen_addresses", "127.0.0.1"),
        ("server_encoding", "UTF8"),
        ("TimeZone", "UTC"),
    ],
)
def test_its_settings_are_those_of_a_test_server(
    opened: EmbeddedServer, setting: str, value: str
):
    assert _show(opened, setting) == value


def test_a_setting_can_be_given(opened: EmbeddedServer):
    assert _show(opened, "work_mem") == "5MB"


def test_over_tcp_it_wants_the_password(opened: EmbeddedServer):
    wrong = make_conninfo(opened.dsn(), password="wrong")
    with pytest.raises(psycopg.OperationalError, match="authentication failed"):
        psycopg.connect(wrong)


def test_on_its_socket_it_wants_no_password(opened: EmbeddedServer):
    dsn = make_conninfo(
        host=opened.socket_directory,
        port=opened.port,
        user=opened.user,
        dbname="postgres",
    )
    with psycopg.connect(dsn) as connection:
        row = connection.execute("select current_user::text").fetchone()
    assert row == ("postgres",)


def test_its_directories_admit_nobody_else(opened: EmbeddedServer):
    home = Path(opened.socket_directory).parent
    for path in (home / "socket", home / f"data-{opened.major}"):
        assert path.stat().st_mode & 0o077 == 0
    for path in (home, home.parent):
        assert path.stat().st_mode & 0o066 == 0
    for path in (home / "log", home / "lock"):
        assert path.stat().st_mode & 0o077 == 0
    assert not (home / "password").exists()


@pytest.mark.parametrize("is_immediate", [False, True])
def test_a_restart_keeps_port_and_data(binaries: Binaries, *, is_immediate: bool):
    with EmbeddedServer(binaries=binaries) as server:
        dsn, port = server.dsn(), server.port
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("create table kept as select 1 as n")

            server.stop(immediate=is_immediate)
            assert not server.is_running
            with pytest.raises(psycopg.OperationalError):
                connection.execute("select 1")
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(dsn)

        server.start()
        assert server.is_running
        assert (server.dsn(), server.port) == (dsn, port)
        with psycopg.connect(dsn) as connection:
            assert connection.execute("select n from kept").fetchone() == (1,)


def test_starting_a_running_server_changes_nothing(opened: EmbeddedServer):
    with psycopg.connect(opened.dsn(), autocommit=True) as connection:
        opened.start()
        assert connection.execute("select 1").fetchone() == (1,)


def test_at_the_end_nothing_is_left(binaries: Binaries):
    with EmbeddedServer(binaries=binaries) as server:
        home = Path(server.socket_directory).parent
        assert processes_of(home) != []
        # A connection that is still open does not hold it up.
        connection = psycopg.connect(server.dsn())
    assert processes_of(home) == []
    assert not home.exists()
    connection.close()


def test_it_outlives_the_thread_that_started_it(binaries: Binaries):
    with contextlib.closing(EmbeddedServer(binaries=binaries)) as server:
        thread = threading.Thread(target=server.__enter__)
        thread.start()
        thread.join()
        psycopg.connect(server.dsn()).close()


def test_entering_it_twice_is_refused(opened: EmbeddedServer):
    with pytest.raises(EmbeddedError, match="already open"):
        opened.__enter__()


def test_an_unopened_server_has_no_address(binaries: Binaries):
    with pytest.raises(EmbeddedError, match="not open"):
        EmbeddedServer(binaries=binaries).dsn()


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"no_such_setting": "1"}, 'unrecognized configuration parameter "no_such_'),
        ({"shared_buffers": "17 apples"}, 'invalid value for parameter "shared_buff'),
        ({"shared_preload_libraries": "absent"}, 'could not access file "absent"'),
        ({"port": "5432"}, "The setting port is the launcher's own: leave it out."),
        ({"a b": "1"}, "'a b' is not a server setting with a text value."),
    ],
)
def test_a_server_that_cannot_start_says_why_and_leaves_nothing(
    binaries: Binaries, own_root: Path, settings: dict[str, str], sentence: str
):
    with (
        pytest.raises(EmbeddedError) as caught,
        EmbeddedServer(binaries=binaries, settings=settings),
    ):
        pass
    assert sentence in str(caught.value)
    # A copy of the programs may stay.
    left = [path for path in own_root.iterdir() if path.name[:8] != "postgres"]
    assert left == []
