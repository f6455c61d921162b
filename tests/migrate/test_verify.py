"""`verify`: finds what was changed by hand, and nothing else; and changes nothing."""

from __future__ import annotations

import pytest

from tests.migrate.catalog import catalog_text, rows
from tests.migrate.trees import COUNT, Tree
from workflow_pg.migrate import Drift, DriftKind, MigrationRefused, up, verify

_EXTRA = """
create function workflow_pg_private.helper(a integer, b text)
returns text language sql as 'select b'
"""


def test_the_package_agrees_with_itself(dsn: str) -> None:
    assert verify(dsn) == ()


def test_planted_drift_is_found(empty_dsn: str, tree: Tree) -> None:
    tree.write("sql/40_api/other.sql", COUNT.replace("count_things", "other"))
    tree.write(
        "sql/10_machine/more_kinds.sql",
        "create view workflow_pg.more_kinds (kind) as values ('huge');",
    )
    up(empty_dsn, files=tree.files)
    rows(
        empty_dsn,
        f"""
        {COUNT.replace("count(*)", "count(*) + 1")}
        drop function workflow_pg.other();
        {_EXTRA};
        drop view workflow_pg.more_kinds;
        create or replace view workflow_pg.thing_kinds (kind) as values ('tiny');
        create view workflow_pg.extra (a) as values (1);
        """,
    )
    before = catalog_text(empty_dsn)
    assert verify(empty_dsn, files=tree.files) == (
        Drift(
            kind=DriftKind.CHANGED,
            title="function workflow_pg.count_things()",
        ),
        Drift(kind=DriftKind.MISSING, title="function workflow_pg.other()"),
        Drift(
            kind=DriftKind.EXTRA,
            title="function workflow_pg_private.helper(integer,text)",
        ),
        Drift(kind=DriftKind.EXTRA, title="view workflow_pg.extra"),
        Drift(kind=DriftKind.MISSING, title="view workflow_pg.more_kinds"),
        Drift(kind=DriftKind.CHANGED, title="view workflow_pg.thing_kinds"),
    )
    assert catalog_text(empty_dsn) == before


def test_a_database_that_lacks_something_is_not_compared(
    empty_dsn: str, tree: Tree
) -> None:
    with pytest.raises(MigrationRefused, match="migrate up"):
        verify(empty_dsn, files=tree.files)
    up(empty_dsn, files=tree.files)
    tree.write("sql/40_api/count_things.sql", COUNT + "-- newer\n")
    with pytest.raises(MigrationRefused, match="migrate up"):
        verify(empty_dsn, files=tree.files)
