"""`migrate sql`: psql makes of it what the runner makes of the files."""

from __future__ import annotations

import subprocess

import pytest

from tests.migrate.catalog import catalog_text, rows
from tests.migrate.trees import Tree
from tests.psql import find_psql
from workflow_pg.migrate import plan, sql, status, up, verify

_LEDGERS = """
select number::text, name, checksum, tool_version
  from workflow_pg_private.migrations
union all
select null, path, checksum, tool_version
  from workflow_pg_private.repeatables
union all
select migration::text, state, sql_checksum, tool_version
  from workflow_pg_private.installation
 order by 1, 2
"""


@pytest.fixture(scope="module")
def psql() -> str:
    """The psql of this machine, or of the embedded server."""
    return find_psql()


def _run(psql: str, dsn: str, script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [psql, "--no-psqlrc", "--dbname", dsn],
        input=script,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_package_by_psql_is_the_package_by_the_runner(
    empty_dsn: str, second_empty_dsn: str, psql: str
) -> None:
    # Not the template of other tests: since it was made, roles may have appeared.
    up(second_empty_dsn)
    result = _run(psql, empty_dsn, sql())
    assert (result.returncode, result.stderr, result.stdout) == (0, "", "")
    assert status(empty_dsn).is_up_to_date
    assert plan(empty_dsn).is_empty
    assert verify(empty_dsn) == ()
    assert catalog_text(empty_dsn) == catalog_text(second_empty_dsn)
    assert rows(empty_dsn, _LEDGERS) == rows(second_empty_dsn, _LEDGERS)


def test_a_later_run_goes_on_from_the_script(
    empty_dsn: str, tree: Tree, psql: str
) -> None:
    assert _run(psql, empty_dsn, sql(files=tree.files)).returncode == 0
    tree.write(
        "migrations/0003_size.sql",
        "alter table workflow_pg.things add column size integer;",
    )
    up(empty_dsn, files=tree.files)
    assert status(empty_dsn, files=tree.files).is_up_to_date


def test_files_without_transaction_are_in_the_script(
    empty_dsn: str, tree: Tree, psql: str
) -> None:
    tree.write(
        "migrations/0003_index.sql",
        "-- transaction: none\n"
        "create index concurrently things_idx on workflow_pg.things (name);",
    )
    tree.write("migrations/0004_more.sql", "create table workflow_pg.more (a text);")
    result = _run(psql, empty_dsn, sql(files=tree.files))
    assert (result.returncode, result.stderr) == (0, "")
    assert status(empty_dsn, files=tree.files).is_up_to_date
    owners = rows(
        empty_dsn,
        """
        select distinct pg_get_userbyid(c.relowner)
          from pg_class as c
         where c.relnamespace::regnamespace::text like 'workflow_pg%'
        """,
    )
    assert owners == [("workflow_owner",)]


def test_a_script_that_fails_leaves_nothing(
    empty_dsn: str, tree: Tree, psql: str
) -> None:
    before = catalog_text(empty_dsn)
    tree.write("sql/40_api/zzz.sql", "create or replace function workflow_pg.zzz();")
    result = _run(psql, empty_dsn, sql(files=tree.files))
    assert result.returncode != 0
    assert catalog_text(empty_dsn) == before


def test_a_script_stops_where_a_schema_exists(
    empty_dsn: str, tree: Tree, psql: str
) -> None:
    up(empty_dsn, files=tree.files)
    before = catalog_text(empty_dsn)
    result = _run(psql, empty_dsn, sql(files=tree.files))
    assert result.returncode != 0
    assert "exists already" in result.stderr
    assert catalog_text(empty_dsn) == before
