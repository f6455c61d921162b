"""Each rule of the SQL linter finds what is planted, and nothing in what is right."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.sql_lint.__main__ import RULES, lint
from tools.sql_lint.source import UnreadableError

pytestmark = pytest.mark.one_major

TABLES = """\
create type workflow_pg.run_status as enum ('pending', 'final');
create type workflow_pg.reply as (run_id text);
create table workflow_pg.runs (
    run_id  text collate "C"        not null primary key,
    status  workflow_pg.run_status  not null
);
create table workflow_pg.events (
    run_id  text collate "C"  not null,
    seq     bigint            not null,
    constraint events_pkey primary key (run_id, seq)
);
create table workflow_pg.hook_tokens (
    token   text collate "C"  primary key,
    run_id  text collate "C"  not null
);
create table workflow_pg_private.migrations (
    number  integer           primary key,
    name    text collate "C"  unique
);
create unique index events_run_id_idx on workflow_pg.events (run_id) where seq = 1;
"""

VIEW = """\
create view workflow_pg.run_transitions as
select 'pending'::workflow_pg.run_status as run_status;
comment on view workflow_pg.run_transitions is 'The life of a run.';
"""

CLOCK = """\
create or replace function workflow_pg_private.clock()
returns timestamptz language sql volatile
as $$
    select clock_timestamp();
$$;
comment on function workflow_pg_private.clock is 'Now.';
"""

EMIT_EVENT = """\
create or replace function workflow_pg_private.emit_event(p_run_id text, p_seq bigint)
returns void language plpgsql volatile
as $$
begin
    insert into workflow_pg.events (run_id, seq) values (p_run_id, p_seq);
end;
$$;
comment on function workflow_pg_private.emit_event is 'Append.';
"""

DOOR = """\
create or replace function workflow_pg.end_run(p_run_id text)
returns workflow_pg.reply
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now  timestamptz := workflow_pg_private.clock();
    v_run  workflow_pg.runs;
begin
    with live as (select r.run_id from workflow_pg.runs as r)
    update workflow_pg.runs as r
       set status = 'final'
      from live
     where r.run_id = p_run_id
 returning r.* into v_run;
    if not found then
        raise exception using errcode = 'WF404', message = 'no such run';
    end if;
    begin
        perform workflow_pg_private.emit_event(p_run_id, 1);
    exception
        when unique_violation then raise;
    end;
    return row(v_run.run_id);
end;
$$;
comment on function workflow_pg.end_run is 'End a run.';
"""

HELPER = """\
create or replace function workflow_pg_private.probe(p_run_id text)
returns void
language plpgsql volatile
as $$
declare
    v_found  workflow_pg.run_status;
begin
    BODY
end;
$$;
comment on function workflow_pg_private.probe is 'Probe.';
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A project without a fault."""
    for path, text in {
        "migrations/0001_tables.sql": TABLES,
        "sql/10_machine/run_transitions.sql": VIEW,
        "sql/20_private/clock.sql": CLOCK,
        "sql/20_private/emit_event.sql": EMIT_EVENT,
        "sql/30_transitions/end_run.sql": DOOR,
        "sql/90_grants.sql": "do $$ begin null; end $$;\n",
    }.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path


def found(tree: Path) -> list[str]:
    return [str(finding) for finding in lint(tree)]


def test_what_is_right_is_left_alone(tree: Path):
    assert found(tree) == []


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        (
            'create table workflow_pg.x (a int, run_id text collate "C" primary key)',
            "the first column of x must be run_id",
        ),
        ("create table workflow_pg.x (a int)", "the first column of x must be run_id"),
        ("create table workflow_pg_private.workers (a int)", "workers has no column"),
        (
            'create table workflow_pg.x (run_id text collate "C", a int primary key)',
            "the key (a) of x lacks run_id",
        ),
        (
            'create table workflow_pg.x (run_id text collate "C", a int, unique (a))',
            "the key (a) of x lacks run_id",
        ),
        (
            "alter table workflow_pg.runs add constraint k unique (status)",
            "the key (status) of runs lacks run_id",
        ),
        (
            "create unique index on workflow_pg.runs (status, lower(run_id))",
            "the key (status, ) of runs lacks run_id",
        ),
        (
            "create unique index on workflow_pg.hook_tokens (run_id)",
            "the key (run_id) of hook_tokens lacks token",
        ),
        (
            "alter table workflow_pg.events add foreign key (run_id)"
            " references workflow_pg.runs",
            "foreign keys are not used here",
        ),
        (
            'create table workflow_pg.x (run_id text collate "C"'
            " references workflow_pg.runs)",
            "foreign keys are not used here",
        ),
        (
            'create table workflow_pg.x (run_id text collate "C",'
            " exclude using btree (run_id with =))",
            "exclusion constraints are not used here",
        ),
        (
            "create trigger t before update on workflow_pg.runs"
            " execute function workflow_pg.f()",
            "triggers and rules are not used here",
        ),
        (
            "create rule r as on update to workflow_pg.runs do nothing",
            "triggers and rules are not used here",
        ),
        ("create sequence workflow_pg.s", "sequences, serial and identity"),
        (
            'create table workflow_pg.x (run_id text collate "C", n bigserial)',
            "sequences, serial and identity",
        ),
        (
            "alter table workflow_pg.runs add column n bigint"
            " generated always as identity",
            "sequences, serial and identity",
        ),
        (
            "create table workflow_pg.x (run_id text primary key)",
            'x.run_id lacks collate "C"',
        ),
        (
            'create table workflow_pg.x (run_id text collate "C", step_id text)',
            'x.step_id lacks collate "C"',
        ),
        (
            'create table workflow_pg.x (run_id text collate "C", name text,'
            " primary key (run_id, name))",
            'x.name lacks collate "C"',
        ),
        (
            'create table workflow_pg.x (run_id text collate "C", at timestamp)',
            "x.at: use timestamptz, not timestamp",
        ),
        (
            'create table workflow_pg.x (run_id text collate "C", a varchar(3))',
            "x.a: use text and a check, not varchar",
        ),
        (VIEW, "functions and views belong in sql/"),
        (CLOCK, "functions and views belong in sql/"),
    ],
)
def test_a_fault_in_a_migration_is_found(tree: Path, statement: str, message: str):
    plant(tree, "migrations/0002_more.sql", f"\n\n{statement};\n", message, line=3)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            "update workflow_pg.messages as m set due_at = clock_timestamp();",
            "volatile clock_timestamp() in UPDATE",
        ),
        (
            "update workflow_pg.messages as m set a = 1\n where m.at < random();",
            "volatile random() in UPDATE",
        ),
        (
            "delete from workflow_pg.messages as m"
            " where m.at < workflow_pg_private.clock();",
            "volatile clock() in DELETE",
        ),
        (
            "with gone as (delete from workflow_pg.messages as m"
            " where m.id = gen_random_uuid() returning m.id) select g.id from gone g"
            " into v_found;",
            "volatile gen_random_uuid() in DELETE",
        ),
        (
            "insert into workflow_pg.messages (a) values (1)"
            " on conflict (a) do update set at = now();",
            "now() in ON CONFLICT",
        ),
        (
            "insert into workflow_pg.messages (a) values (1)"
            " on conflict (a) do update set at = current_timestamp;",
            "current_timestamp() in ON CONFLICT",
        ),
        ("perform 1 from runs as r;", "runs has no schema in front"),
        ("delete from runs as r;", "runs has no schema in front"),
        ("perform clock();", "clock() has no schema in front"),
        ("v_found := clock();", "clock() has no schema in front"),
        (
            "if 'x'::run_status is null then return; end if;",
            "type run_status has no schema in front",
        ),
        (
            "create temp table pg_temp.t as select 1 as n;",
            "temporary tables are not used",
        ),
        (
            "update workflow_pg.runs as r set status = 'final';",
            "runs is written outside sql/30_transitions/",
        ),
        (
            "insert into workflow_pg.hook_tokens (token) values ('x');",
            "hook_tokens is written outside sql/30_transitions/",
        ),
        (
            "insert into workflow_pg.events (run_id, seq) values ('x', 1);",
            "only emit_event, emit_events, emit_imported write events, by insert",
        ),
        ("raise exception 'no';", "raise exception without an errcode"),
        (
            "raise exception using message = 'no', hint = 'x';",
            "raise exception without an errcode",
        ),
        (
            "raise exception using errcode = 'WF4', message = 'no';",
            "'WF4' is not a SQLSTATE of five characters",
        ),
    ],
)
def test_a_fault_in_a_body_is_found(tree: Path, body: str, message: str):
    text = HELPER.replace("BODY", body)
    plant(tree, "sql/20_private/probe.sql", text, message, line=8)


@pytest.mark.parametrize(
    ("path", "old", "new", "message", "line"),
    [
        (
            "sql/20_private/emit_event.sql",
            "insert into workflow_pg.events (run_id, seq) values (p_run_id, p_seq)",
            "delete from workflow_pg.events as e where e.run_id = p_run_id",
            "only emit_event, emit_events, emit_imported write events, by insert",
            5,
        ),
        (
            "sql/30_transitions/end_run.sql",
            "create or replace",
            "create",
            "create or replace function",
            1,
        ),
        (
            "sql/30_transitions/end_run.sql",
            "comment on function workflow_pg.end_run is 'End a run.';",
            "comment on function workflow_pg.end_runs is 'End a run.';",
            "comment on workflow_pg.end_run is missing",
            1,
        ),
        (
            "sql/10_machine/run_transitions.sql",
            "comment on view workflow_pg.run_transitions is 'The life of a run.';",
            "",
            "comment on workflow_pg.run_transitions is missing",
            1,
        ),
        (
            "sql/30_transitions/end_run.sql",
            " security definer",
            "",
            "end_run is for callers: it needs security definer",
            1,
        ),
        (
            "sql/30_transitions/end_run.sql",
            "= pg_catalog, pg_temp",
            "= workflow_pg",
            "end_run is for callers: it needs security definer",
            1,
        ),
        (
            "sql/20_private/clock.sql",
            "volatile",
            "volatile security definer",
            "clock is a helper",
            1,
        ),
        (
            "sql/20_private/clock.sql",
            "volatile",
            "volatile set search_path = pg_catalog",
            "clock is a helper",
            1,
        ),
        (
            "sql/20_private/clock.sql",
            "workflow_pg_private.",
            "public.",
            "clock belongs in workflow_pg or workflow_pg_private",
            1,
        ),
        (
            "sql/20_private/clock.sql",
            "    select",
            "\n" * 90 + "    select",
            "over 90, it is two things",
            1,
        ),
    ],
)
def test_a_fault_in_a_function_file_is_found(
    tree: Path, path: str, old: str, new: str, message: str, line: int
):
    text = (tree / path).read_text()
    assert old in text
    plant(tree, path, text.replace(old, new), message, line=line)


@pytest.mark.parametrize(
    ("path", "text", "message"),
    [
        ("sql/20_private/now.sql", CLOCK, "name the file after it"),
        ("sql/20_private/now.sql", "-- nothing\n", "it defines no now"),
        (
            "sql/20_private/now.sql",
            'create table workflow_pg.x (run_id text collate "C");\n',
            "a file here holds one function, or its overloads, and their comments",
        ),
        (
            "sql/10_machine/clock.sql",
            CLOCK,
            "a file here holds one view and its comments, nothing else",
        ),
    ],
)
def test_a_file_that_holds_something_else_is_found(
    tree: Path, path: str, text: str, message: str
):
    (tree / path).write_text(text)
    assert any(message in finding for finding in found(tree))


def test_arrays_of_our_types_are_known(tree: Path):
    body = "perform r.run_id from unnest(v_found) as r;"
    text = HELPER.replace("BODY", body).replace("run_status;", "runs[];")
    (tree / "sql/20_private/probe.sql").write_text(text)
    assert found(tree) == []


def test_overloads_share_a_file(tree: Path):
    path = tree / "sql/20_private/clock.sql"
    path.write_text(CLOCK + CLOCK.replace("clock()", "clock(p_zone text)", 1))
    assert found(tree) == []


@pytest.mark.parametrize("text", ["create tabel x;\n", HELPER.replace("BODY", "x x;")])
def test_what_cannot_be_parsed_is_named(tree: Path, text: str):
    (tree / "sql/20_private/probe.sql").write_text(text)
    with pytest.raises(UnreadableError, match=r"sql/20_private/probe.sql"):
        found(tree)


def test_every_rule_says_why():
    assert all(rule.__doc__ for rule in RULES)


def plant(tree: Path, path: str, text: str, message: str, *, line: int) -> None:
    """Write a file with one fault; it is found, there, and nothing else is."""
    (tree / path).write_text(text)
    (finding,) = found(tree)
    assert finding.startswith(f"{path}:{line}: ")
    assert message in finding
