"""`up`: installs, upgrades, replaces, drops, refuses; and repeats itself harmlessly."""

from __future__ import annotations

import psycopg
import pytest

from tests.migrate.catalog import catalog_text, rows
from tests.migrate.trees import COUNT, FIRST, SECOND, Tree
from workflow_pg.migrate import (
    MigrationFailed,
    MigrationRefused,
    UnknownName,
    packaged_stamp,
    plan,
    status,
    up,
)

_STATE = "select migration, state from workflow_pg_private.installation"
_LEDGER = """
select name, checksum, applied_at, tool_version from workflow_pg_private.migrations
union all
select path, checksum, applied_at, tool_version from workflow_pg_private.repeatables
union all
select state, sql_checksum, applied_at, tool_version
  from workflow_pg_private.installation
 order by 1
"""


def test_a_fresh_install_ends_ready(empty_dsn: str, tree: Tree) -> None:
    assert status(empty_dsn, files=tree.files).state == "absent"
    lines: list[str] = []
    up(empty_dsn, files=tree.files, on_line=lines.append)
    assert rows(empty_dsn, _STATE) == [(2, "ready")]
    assert rows(empty_dsn, "select workflow_pg.count_things()") == [(0,)]
    assert status(empty_dsn, files=tree.files).is_up_to_date
    assert [line.split(" in ")[0] for line in lines] == [
        f"applied {FIRST}",
        f"applied {SECOND}",
        "applied sql/ (2 files)",
    ]


def test_the_package_installs(empty_dsn: str) -> None:
    up(empty_dsn)
    stamp = packaged_stamp()
    assert rows(
        empty_dsn,
        "select migration, sql_checksum from workflow_pg_private.installation",
    ) == [(stamp.migration, stamp.sql_checksum)]
    assert plan(empty_dsn).is_empty


def test_every_object_of_the_ledger_has_a_comment(empty_dsn: str, tree: Tree) -> None:
    up(empty_dsn, files=tree.files)
    uncommented = rows(
        empty_dsn,
        """
        select c.relname, a.attname
          from pg_class as c
          join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0
         where c.relnamespace = 'workflow_pg_private'::regnamespace
           and c.relkind = 'r'
           and (col_description(c.oid, a.attnum) is null
                or obj_description(c.oid, 'pg_class') is null)
        """,
    )
    assert uncommented == []


def test_a_second_run_does_nothing(empty_dsn: str, tree: Tree) -> None:
    up(empty_dsn, files=tree.files)
    before = (catalog_text(empty_dsn), rows(empty_dsn, _LEDGER))
    lines: list[str] = []
    up(empty_dsn, files=tree.files, on_line=lines.append)
    assert lines == ["up to date at migration 0002"]
    assert (catalog_text(empty_dsn), rows(empty_dsn, _LEDGER)) == before


def test_line_ends_of_windows_are_no_edit(empty_dsn: str, tree: Tree) -> None:
    up(empty_dsn, files=tree.files)
    for path in (f"migrations/{SECOND}", "sql/40_api/count_things.sql"):
        tree.write(path, tree.read(path).replace("\n", "\r\n"))
    assert plan(empty_dsn, files=tree.files).is_empty


def test_a_new_migration_is_applied_and_recorded(empty_dsn: str, tree: Tree) -> None:
    up(empty_dsn, files=tree.files)
    tree.write(
        "migrations/0003_size.sql",
        "alter table workflow_pg.things add column size integer;",
    )
    assert [m.name for m in plan(empty_dsn, files=tree.files).migrations] == [
        "0003_size.sql"
    ]
    up(empty_dsn, files=tree.files)
    assert rows(empty_dsn, "select name, size from workflow_pg.things") == []
    assert rows(empty_dsn, _STATE) == [(3, "ready")]
    assert rows(
        empty_dsn,
        """
        select number, name, length(checksum), duration_ms >= 0, tool_version <> ''
          from workflow_pg_private.migrations
         where number = 3
        """,
    ) == [(3, "0003_size.sql", 64, True, True)]


def test_an_edited_migration_is_refused_by_name(empty_dsn: str, tree: Tree) -> None:
    up(empty_dsn, files=tree.files)
    before = (catalog_text(empty_dsn), rows(empty_dsn, _LEDGER))
    tree.write(f"migrations/{SECOND}", tree.read(f"migrations/{SECOND}") + "-- x\n")
    tree.write("migrations/0003_more.sql", "create table workflow_pg.more (a text);")
    for command in (up, plan, status):
        with pytest.raises(MigrationRefused, match=SECOND):
            command(empty_dsn, files=tree.files)
    assert (catalog_text(empty_dsn), rows(empty_dsn, _LEDGER)) == before


def test_an_edit_is_accepted_only_by_name(empty_dsn: str, tree: Tree) -> None:
    up(empty_dsn, files=tree.files)
    tree.write(f"migrations/{SECOND}", tree.read(f"migrations/{SECOND}") + "-- x\n")
    with pytest.raises(MigrationRefused, match=SECOND):
        up(empty_dsn, files=tree.files, accept_checksums=[])
    with pytest.raises(UnknownName, match=FIRST):
        up(empty_dsn, files=tree.files, accept_checksums=[SECOND, FIRST])
    lines: list[str] = []
    up(empty_dsn, files=tree.files, accept_checksums=[SECOND], on_line=lines.append)
    assert lines == [f"accepted the new text of {SECOND}"]
    assert plan(empty_dsn, files=tree.files).is_empty


def test_a_migration_below_the_last_number_is_refused(
    empty_dsn: str, tree: Tree
) -> None:
    tree.write("migrations/0004_four.sql", "create table workflow_pg.four (a text);")
    up(empty_dsn, files=tree.files)
    tree.write("migrations/0003_late.sql", "create table workflow_pg.late (a text);")
    with pytest.raises(MigrationRefused, match=r"0003_late\.sql"):
        up(empty_dsn, files=tree.files)


def test_a_failed_migration_leaves_nothing_of_itself(
    empty_dsn: str, tree: Tree
) -> None:
    up(empty_dsn, files=tree.files)
    before = catalog_text(empty_dsn)
    tree.write(
        "migrations/0003_half.sql",
        "create table workflow_pg.half (a text);\n\ncreate tabel x;",
    )
    with pytest.raises(MigrationFailed, match=r"0003_half\.sql, line 3: .*42601"):
        up(empty_dsn, files=tree.files)
    assert catalog_text(empty_dsn) == before
    # Nothing changed, so nothing is half: workers may go on.
    assert rows(empty_dsn, _STATE) == [(2, "ready")]


def test_an_edited_function_is_replaced(empty_dsn: str, tree: Tree) -> None:
    up(empty_dsn, files=tree.files)
    tree.write("sql/40_api/count_things.sql", COUNT.replace("count(*)", "count(*) + 7"))
    assert plan(empty_dsn, files=tree.files).sql_paths == ("40_api/count_things.sql",)
    up(empty_dsn, files=tree.files)
    assert rows(empty_dsn, "select workflow_pg.count_things()") == [(7,)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("returns bigint", "returns numeric"),
        ("count_things()\n", "count_things(p_least integer default 0)\n"),
        ("function workflow_pg.count_things()", "procedure workflow_pg.count_things()"),
    ],
    ids=["return type", "parameters", "kind"],
)
def test_a_function_that_cannot_be_replaced_is_made_anew(
    empty_dsn: str, tree: Tree, old: str, new: str
) -> None:
    up(empty_dsn, files=tree.files)
    text = COUNT.replace(old, new)
    if "procedure" in new:
        text = (
            text.replace("returns bigint\n", "")
            .replace(" stable", "")
            .replace("return (select count(*) from workflow_pg.things as t)", "null")
        )
    tree.write("sql/40_api/count_things.sql", text)
    up(empty_dsn, files=tree.files)
    found = rows(
        empty_dsn,
        """
        select pg_get_functiondef(p.oid)
          from pg_proc as p
         where p.proname = 'count_things'
        """,
    )
    assert len(found) == 1
    assert new.split("\n")[0].split("(")[0].split()[-1] in str(found[0][0])


def test_a_renamed_parameter_is_made_anew(empty_dsn: str, tree: Tree) -> None:
    with_name = COUNT.replace("()", "(p_name text)", 1)
    tree.write("sql/40_api/count_things.sql", with_name)
    up(empty_dsn, files=tree.files)
    tree.write("sql/40_api/count_things.sql", with_name.replace("p_name", "p_title"))
    up(empty_dsn, files=tree.files)
    assert rows(empty_dsn, "select workflow_pg.count_things(p_title => 'a')") == [(0,)]


def test_views_change_their_columns(empty_dsn: str, tree: Tree) -> None:
    up(empty_dsn, files=tree.files)
    tree.write(
        "sql/10_machine/thing_kinds.sql",
        "create view workflow_pg.thing_kinds (size, kind) as values (1, 'small');",
    )
    up(empty_dsn, files=tree.files)
    assert rows(empty_dsn, "select size, kind from workflow_pg.thing_kinds") == [
        (1, "small")
    ]


def test_a_view_that_a_function_returns_is_made_anew(
    empty_dsn: str, tree: Tree
) -> None:
    listing = """
        create or replace function workflow_pg.list_kinds()
        returns setof workflow_pg.thing_kinds
        language sql stable
        begin atomic
            select k.kind from workflow_pg.thing_kinds as k;
        end;
    """
    tree.write("sql/40_api/list_kinds.sql", listing)
    up(empty_dsn, files=tree.files)
    tree.write(
        "sql/10_machine/thing_kinds.sql",
        "create view workflow_pg.thing_kinds (kind) as values ('medium');",
    )
    up(empty_dsn, files=tree.files)
    assert rows(empty_dsn, "select kind from workflow_pg.list_kinds()") == [("medium",)]


def test_what_no_file_creates_is_dropped(empty_dsn: str, tree: Tree) -> None:
    up(empty_dsn, files=tree.files)
    tree.remove("sql/40_api/count_things.sql")
    tree.remove("sql/10_machine/thing_kinds.sql")
    tree.write("sql/40_api/other.sql", COUNT.replace("count_things", "other"))
    lines: list[str] = []
    up(empty_dsn, files=tree.files, on_line=lines.append)
    assert lines[:2] == [
        "dropped function workflow_pg.count_things(): no file creates it any more",
        "dropped view workflow_pg.thing_kinds: no file creates it any more",
    ]
    assert rows(
        empty_dsn,
        """
        select p.proname::text
          from pg_proc as p
         where p.pronamespace::regnamespace::text like 'workflow_pg%'
        """,
    ) == [("other",)]


def test_objects_outside_our_schemas_stay(empty_dsn: str, tree: Tree) -> None:
    up(empty_dsn, files=tree.files)
    rows(
        empty_dsn,
        """
        create function public.theirs() returns integer language sql as 'select 1';
        create view public.their_view as select 1 as one;
        """,
    )
    tree.write("sql/40_api/count_things.sql", COUNT + "-- edited\n")
    up(empty_dsn, files=tree.files)
    assert rows(empty_dsn, "select public.theirs(), one from public.their_view") == [
        (1, 1)
    ]


def test_what_somebody_uses_is_not_dropped_from_under_them(
    empty_dsn: str, tree: Tree
) -> None:
    up(empty_dsn, files=tree.files)
    rows(
        empty_dsn,
        "create view public.theirs as select workflow_pg.count_things() as things",
    )
    before = catalog_text(empty_dsn)
    tree.write(
        "sql/40_api/count_things.sql", COUNT.replace("returns bigint", "returns text")
    )
    with pytest.raises(MigrationFailed, match=r"public\.theirs"):
        up(empty_dsn, files=tree.files)
    assert catalog_text(empty_dsn) == before


def test_a_failure_in_sql_keeps_the_functions_and_says_migrating(
    empty_dsn: str, tree: Tree
) -> None:
    up(empty_dsn, files=tree.files)
    tree.write("migrations/0003_more.sql", "create table workflow_pg.more (a text);")
    tree.write("sql/40_api/count_things.sql", COUNT.replace("count(*)", "count(*) + 7"))
    tree.write("sql/40_api/zzz.sql", "create or replace function workflow_pg.zzz();")
    with pytest.raises(MigrationFailed, match=r"sql/40_api/zzz\.sql: no language"):
        up(empty_dsn, files=tree.files)
    assert rows(empty_dsn, "select workflow_pg.count_things()") == [(0,)]
    assert rows(empty_dsn, _STATE) == [(3, "migrating")]
    assert not status(empty_dsn, files=tree.files).is_up_to_date

    tree.remove("sql/40_api/zzz.sql")
    up(empty_dsn, files=tree.files)
    assert rows(empty_dsn, "select workflow_pg.count_things()") == [(7,)]
    assert rows(empty_dsn, _STATE) == [(3, "ready")]


def test_a_failure_in_sql_alone_changes_nothing(empty_dsn: str, tree: Tree) -> None:
    up(empty_dsn, files=tree.files)
    before = (catalog_text(empty_dsn), rows(empty_dsn, _LEDGER))
    tree.write("sql/40_api/zzz.sql", "create or replace function workflow_pg.zzz();")
    with pytest.raises(MigrationFailed, match=r"Nothing of sql/ was kept"):
        up(empty_dsn, files=tree.files)
    assert (catalog_text(empty_dsn), rows(empty_dsn, _LEDGER)) == before


def test_a_run_that_broke_off_before_sql_is_finished_by_the_next(
    empty_dsn: str, tree: Tree
) -> None:
    up(empty_dsn, files=tree.files)
    rows(empty_dsn, "update workflow_pg_private.installation set state = 'migrating'")
    assert plan(empty_dsn, files=tree.files).is_unfinished
    up(empty_dsn, files=tree.files)
    assert rows(empty_dsn, _STATE) == [(2, "ready")]


@pytest.mark.parametrize("name", ["workflow_pg", "workflow_pg_private"])
def test_a_schema_of_our_name_that_is_not_ours_is_refused(
    empty_dsn: str, tree: Tree, session: psycopg.Connection, name: str
) -> None:
    session.execute(f"create schema {name} create table things (a text)".encode())
    session.commit()
    before = catalog_text(empty_dsn)
    for command in (up, plan, status):
        with pytest.raises(MigrationRefused, match=f"Schema {name} .* not made by"):
            command(empty_dsn, files=tree.files)
    assert catalog_text(empty_dsn) == before


def test_a_ledger_without_its_schema_is_refused(empty_dsn: str, tree: Tree) -> None:
    up(empty_dsn, files=tree.files)
    rows(empty_dsn, "drop schema workflow_pg cascade")
    before = catalog_text(empty_dsn)
    with pytest.raises(MigrationRefused, match="schema workflow_pg is gone"):
        up(empty_dsn, files=tree.files)
    assert catalog_text(empty_dsn) == before


def test_a_newer_database_is_refused(empty_dsn: str, tree: Tree) -> None:
    tree.write("migrations/0003_new.sql", "create table workflow_pg.new (a text);")
    up(empty_dsn, files=tree.files)
    before = (catalog_text(empty_dsn), rows(empty_dsn, _LEDGER))
    tree.remove("migrations/0003_new.sql")
    tree.write("sql/40_api/count_things.sql", COUNT + "-- older\n")
    for command in (up, plan, status):
        with pytest.raises(MigrationRefused, match=r"is newer .*0003_new\.sql"):
            command(empty_dsn, files=tree.files)
    assert (catalog_text(empty_dsn), rows(empty_dsn, _LEDGER)) == before


def test_a_file_without_transaction_runs_alone(empty_dsn: str, tree: Tree) -> None:
    up(empty_dsn, files=tree.files)
    tree.write(
        "migrations/0003_index.sql",
        """-- 0003  index
-- transaction: none

drop index concurrently if exists workflow_pg.things_idx;
create index concurrently things_idx on workflow_pg.things (name);
comment on index workflow_pg.things_idx is 'For tests; of things.';
""",
    )
    pending = plan(empty_dsn, files=tree.files).migrations[0]
    assert not pending.has_transaction
    up(empty_dsn, files=tree.files)
    assert rows(
        empty_dsn,
        """
        select i.indisvalid, pg_get_userbyid(c.relowner) = pg_get_userbyid(t.relowner)
          from pg_index as i
          join pg_class as c on c.oid = i.indexrelid
          join pg_class as t on t.oid = i.indrelid
         where i.indexrelid = 'workflow_pg.things_idx'::regclass
        """,
    ) == [(True, True)]
    assert rows(empty_dsn, _STATE) == [(3, "ready")]


def test_a_file_without_transaction_that_fails_is_run_again_whole(
    empty_dsn: str, tree: Tree
) -> None:
    up(empty_dsn, files=tree.files)
    path = "migrations/0003_index.sql"
    tree.write(
        path,
        """-- transaction: none
drop index concurrently if exists workflow_pg.things_idx;
create index concurrently things_idx on workflow_pg.things (name);
create index concurrently other_idx on workflow_pg.nowhere (name);
""",
    )
    with pytest.raises(MigrationFailed, match="runs all of it again"):
        up(empty_dsn, files=tree.files)
    assert rows(empty_dsn, _STATE) == [(2, "migrating")]
    tree.write(path, tree.read(path).replace("nowhere", "things"))
    up(empty_dsn, files=tree.files)
    assert rows(empty_dsn, _STATE) == [(3, "ready")]
