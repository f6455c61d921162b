"""What the migrator reads out of files, without a database."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.migrate.trees import COUNT, FIRST, SECOND, Tree
from workflow_pg.migrate import BrokenFiles, packaged, packaged_stamp
from workflow_pg.migrate.files import load
from workflow_pg.migrate.statements import defined, locks, statements


def test_files_come_in_the_order_of_their_paths(tree: Tree) -> None:
    tree.write("sql/90_grants.sql", "select 1;")
    tree.write("sql/10_machine/aaa.sql", "select 1;")
    tree.write("sql/README.md", "not SQL")
    package = load(tree.files)
    assert [m.name for m in package.migrations] == [FIRST, SECOND]
    assert [r.path for r in package.repeatables] == [
        "10_machine/aaa.sql",
        "10_machine/thing_kinds.sql",
        "40_api/count_things.sql",
        "90_grants.sql",
    ]


def test_the_checksum_of_the_tree_sees_names_and_texts(tree: Tree) -> None:
    def checksum() -> str:
        return load(tree.files).stamp.sql_checksum

    first = checksum()
    tree.write("sql/40_api/count_things.sql", COUNT + "-- x\n")
    edited = checksum()
    tree.remove("sql/40_api/count_things.sql")
    tree.write("sql/40_api/renamed.sql", COUNT + "-- x\n")
    assert len({first, edited, checksum()}) == 3


def test_the_package_is_a_set() -> None:
    package = load(packaged())
    numbers = [m.number for m in package.migrations]
    assert numbers == list(range(1, len(numbers) + 1))
    assert all(m.locks for m in package.migrations)
    assert package.stamp == packaged_stamp()


@pytest.mark.parametrize("name", ["3_things.sql", "0003-things.sql", "0003_Things.sql"])
def test_a_misnamed_migration_is_refused(tree: Tree, name: str) -> None:
    tree.write(f"migrations/{name}", "select 1;")
    with pytest.raises(BrokenFiles, match=r"NNNN_subject\.sql"):
        load(tree.files)


def test_two_migrations_of_one_number_are_refused(tree: Tree) -> None:
    tree.write("migrations/0002_others.sql", "select 1;")
    with pytest.raises(BrokenFiles, match="same number"):
        load(tree.files)


def test_missing_directories_are_refused(tree: Tree) -> None:
    for path in (f"migrations/{FIRST}", f"migrations/{SECOND}"):
        tree.remove(path)
    with pytest.raises(BrokenFiles, match="holds no migration"):
        load(tree.files)
    (tree.root / "migrations").rmdir()
    with pytest.raises(BrokenFiles, match="There is no directory"):
        load(tree.files)


def test_a_header_says_locks_and_transaction(tree: Tree) -> None:
    tree.write(
        "migrations/0003_index.sql",
        """-- 0003  index
--
-- Adds     an index.
-- Locks    SHARE UPDATE EXCLUSIVE on things:
--          reads and writes go on.
-- Safe     any time.
-- transaction: none
select 1;
""",
    )
    migration = load(tree.files).migrations[-1]
    assert migration.locks == (
        "SHARE UPDATE EXCLUSIVE on things: reads and writes go on."
    )
    assert not migration.has_transaction


def test_transaction_none_counts_in_the_header_alone(tree: Tree) -> None:
    tree.write("migrations/0003_x.sql", "-- 0003\nselect 1;\n-- transaction: none\n")
    assert load(tree.files).migrations[-1].has_transaction


def test_statements_end_where_the_server_ends_them() -> None:
    text = """
        -- a comment; with a semicolon
        select ';' /* ; */ , "a;b", E'\\';', $$ ; $$, $x$ ; $$ ; $x$;
        ;
        select 2
    """
    assert [" ".join(s.split()) for s in statements(text)] == [
        "select ';' , \"a;b\", E'\\';', $$ ; $$, $x$ ; $$ ; $x$",
        "select 2",
    ]


def test_what_a_file_creates_is_seen() -> None:
    text = """
        -- create view workflow_pg.commented as select 1;
        create or replace function workflow_pg.f() returns text as $$
            create view workflow_pg.in_a_body as select 1;
        $$ language sql;
        Create View workflow_pg_private.V as select 1;
        create or replace procedure workflow_pg.p() as '' language sql;
        create view elsewhere.v as select 1;
    """
    assert {(d.is_routine, d.schema, d.name) for d in defined(text)} == {
        (True, "workflow_pg", "f"),
        (True, "workflow_pg", "p"),
        (False, "workflow_pg_private", "v"),
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("alter table s.runs add column a text", "s.runs: ACCESS EXCLUSIVE"),
        ("alter table only s.runs drop column a", "s.runs: ACCESS EXCLUSIVE"),
        ("alter table s.runs validate constraint c", "s.runs: SHARE UPDATE EXCL"),
        ("create index i on s.runs (a)", "s.runs: SHARE: writes wait"),
        ("create unique index on s.runs (a)", "s.runs: SHARE: writes wait"),
        ("create index concurrently i on s.runs (a)", "s.runs: SHARE UPDATE EXCL"),
        ("drop index concurrently if exists s.i", "s.i: SHARE UPDATE EXCLUSIVE"),
        ("drop table s.runs", "s.runs: ACCESS EXCLUSIVE"),
        ("update s.runs set a = 1", "s.runs: ROW EXCLUSIVE"),
        ("delete from only s.runs", "s.runs: ROW EXCLUSIVE"),
        ("select pg_sleep(1)", "not judged: select pg_sleep(1)"),
        ("do $$ begin end $$", "not judged: do $$"),
    ],
)
def test_locks_are_told_from_how_a_statement_begins(text: str, words: str) -> None:
    (found,) = locks(text)
    assert found.startswith(words)


def test_new_tables_are_nobody_elses() -> None:
    text = """
        create table s.things (a text);
        create index i on s.things (a);
        alter table s.things add column b text;
        comment on column s.things.a is 'a';
        insert into s.things values ('a');
        create type s.kind as enum ('a');
        comment on table s.runs is 'known before';
    """
    assert locks(text) == ("s.runs: SHARE UPDATE EXCLUSIVE: reads and writes go on",)


def test_importing_loads_no_driver() -> None:
    program = (
        "import sys, workflow_pg, workflow_pg.migrate, workflow_pg.cli;"
        "workflow_pg.cli.main(['migrate', '--help']);"
        "workflow_pg.cli.main(['migrate', 'sql']);"
        "sys.exit('psycopg' in sys.modules)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=False, timeout=60
    )
    assert ended.returncode == 0, ended.stderr
