"""Who may call what, and who owns it: asked of the catalog, and tried with logins."""

from __future__ import annotations

from collections.abc import Callable
from typing import LiteralString

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Identifier

from tests.migrate.catalog import catalog_text, rows
from tests.migrate.trees import Tree
from tests.servers import NoServerError, Server, choose_binaries
from workflow_pg.cli import main
from workflow_pg.cli.output import ExitCode
from workflow_pg.embedded import EmbeddedServer
from workflow_pg.migrate import (
    MigrationFailed,
    MigrationRefused,
    UnknownName,
    grant,
    packaged,
    status,
    up,
)

MakeLogin = Callable[..., str]

# The JSON door, as the functions that it calls.
JSON_OF_CLIENTS = {
    "json_cancel_runs",
    "json_get_event",
    "json_get_hook",
    "json_get_hook_by_token",
    "json_get_run",
    "json_get_runs",
    "json_get_step",
    "json_get_stream_info",
    "json_get_wait",
    "json_list_events",
    "json_list_hooks",
    "json_list_runs",
    "json_list_steps",
    "json_list_streams",
    "json_list_waits",
    "json_read_stream",
    "json_send_message",
    "json_set_attributes",
}
JSON_OF_WORKERS = {
    "json_ack_message",
    "json_bury_message",
    "json_claim_messages",
    "json_close_stream",
    "json_create_event",
    "json_create_events",
    "json_extend_leases",
    "json_release_message",
    "json_write_stream",
}
CLIENT = JSON_OF_CLIENTS | {
    "announce_readers",
    "announce_waiters",
    "cancel_run",
    "cancel_runs",
    "create_keyed_run",
    "create_run",
    "create_runs",
    "delete_run",
    "purge_run",
    "diagnose",
    "epoch",
    "get_hook",
    "get_hook_by_token",
    "get_run",
    "get_runs",
    "get_step",
    "get_stream",
    "list_all_hooks",
    "list_buried",
    "list_events",
    "list_hooks",
    "list_runs",
    "list_steps",
    "list_streams",
    "list_waits",
    "list_workers",
    "queue_stats",
    "read_stream",
    "receive_hook",
    "requeue_messages",
    "resume_hook",
    "retry_run",
    "schema_version",
    "send_message",
    "withdraw_probe",
    "set_attributes",
    "verify_run",
    "wake_run",
    "why",
    "withdraw_readers",
    "withdraw_waiters",
}
# What no role may call.
OWNER = {"import_run", "import_stream"}
# A worker deletes nothing.
WORKER = (
    (CLIENT - {"delete_run", "purge_run"})
    | JSON_OF_WORKERS
    | {
        "purge_due_runs",
        "ack_message",
        "advance",
        "append_and_read",
        "append_event",
        "append_events",
        "bury_message",
        "claim_messages",
        "close_stream",
        "complete_elapsed_waits",
        "complete_run",
        "complete_step",
        "complete_wait",
        "create_hook",
        "create_step",
        "create_steps",
        "create_wait",
        "dispose_hook",
        "fail_run",
        "fail_step",
        "heartbeat_worker",
        "maintain",
        "nack_message",
        "release_message",
        "remove_worker",
        "renew_leases",
        "reschedule_message",
        "retry_step",
        "set_worker_idle",
        "start_run",
        "start_new_step",
        "start_step",
        "unwakeable_runs",
        "write_stream",
    }
)

# Nothing that shows a payload, a token or the text of an error.
OBSERVER = {"diagnose", "list_workers", "queue_stats", "schema_version"}
VIEWS = {
    "v_events",
    "v_hooks",
    "v_queue",
    "v_run_attributes",
    "v_runs",
    "v_steps",
    "v_streams",
    "v_waits",
    "v_workers",
}
ROLES = {
    "workflow_client": CLIENT,
    "workflow_worker": WORKER,
    "workflow_observer": OBSERVER,
}

_OWNERS = """
select distinct pg_get_userbyid(o.owner)
  from (select n.nspowner, n.oid from pg_namespace as n) as s (owner, oid)
  cross join lateral (select s.owner
                      union
                      select c.relowner from pg_class as c where c.relnamespace = s.oid
                      union
                      select p.proowner from pg_proc as p where p.pronamespace = s.oid
                      union
                      select t.typowner from pg_type as t where t.typnamespace = s.oid
                     ) as o (owner)
 where s.oid::regnamespace::text in ('workflow_pg', 'workflow_pg_private')
"""


def _name(dsn: str) -> str:
    return str(conninfo_to_dict(dsn)["user"])


def _callable(dsn: str, role: str) -> set[object]:
    """Functions of our schemas, without their schema if it is workflow_pg."""
    with psycopg.connect(dsn) as connection:
        found = connection.execute(
            """
            select case n.nspname when 'workflow_pg' then '' else n.nspname || '.' end
                   || p.proname
              from pg_proc as p
              join pg_namespace as n on n.oid = p.pronamespace
             where n.nspname like 'workflow_pg%%'
               and has_function_privilege(%s, p.oid, 'execute')
            """,
            (role,),
        )
        return {name for (name,) in found}


@pytest.mark.parametrize(("role", "functions"), ROLES.items())
def test_a_login_may_call_what_its_role_may(
    dsn: str, make_login: MakeLogin, role: str, functions: set[str]
) -> None:
    login = make_login(dsn)
    lines: list[str] = []
    grant(dsn, login=_name(login), role=role, on_line=lines.append)
    assert lines[-1] == f"granted {role} to {_name(login)}"
    assert _callable(dsn, role) == functions
    assert _callable(dsn, _name(login)) == functions
    # In earnest, not by what the catalog says.
    assert rows(login, "select state from workflow_pg.schema_version()") == [("ready",)]


@pytest.mark.parametrize("role", ROLES)
def test_a_role_reads_views_and_no_table_and_calls_no_helper(
    dsn: str, make_login: MakeLogin, role: str
) -> None:
    login = make_login(dsn)
    grant(dsn, login=_name(login), role=role)
    with psycopg.connect(dsn) as connection:
        touchable = connection.execute(
            """
            select c.relname,
                   has_table_privilege(%(role)s, c.oid, 'insert, update, delete,'
                                                        'truncate, references, trigger')
              from pg_class as c
             where c.relnamespace::regnamespace::text like 'workflow_pg%%'
               and c.relkind in ('r', 'v', 'p', 'm', 'S')
               and has_table_privilege(
                       %(role)s, c.oid, 'select, insert, update, delete, truncate,'
                                        'references, trigger')
            """,
            {"role": role},
        ).fetchall()
    assert set(touchable) == {(view, False) for view in VIEWS}
    assert rows(login, "select count(*) from workflow_pg.v_runs") == [(0,)]
    for query in (
        "select 1 from workflow_pg.runs",
        "select 1 from workflow_pg_private.messages",
        "select workflow_pg_private.clock()",
        "create table workflow_pg.mine (a text)",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            rows(login, query)


def test_an_observer_uses_the_commands_that_show_no_content(
    dsn: str, make_login: MakeLogin, capsys: pytest.CaptureFixture[str]
) -> None:
    login = make_login(dsn)
    grant(dsn, login=_name(login), role="workflow_observer")
    for words in (["workers"], ["queue", "stats"]):
        assert main([*words, "--dsn", login]) == ExitCode.OK
    # The server of the tests keeps nothing through a crash, and `doctor` says so.
    assert main(["doctor", "--dsn", login]) in {ExitCode.OK, ExitCode.NEGATIVE}
    assert capsys.readouterr().err == ""
    assert main(["runs", "list", "--dsn", login]) == ExitCode.UNUSABLE
    assert "permission denied for function list_runs" in capsys.readouterr().err


def test_a_login_without_a_role_may_do_nothing(dsn: str, make_login: MakeLogin) -> None:
    login = make_login(dsn)
    assert _callable(dsn, _name(login)) == set()
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        rows(login, "select * from workflow_pg.schema_version()")
    public = rows(
        dsn,
        """
        select o.name
          from (select p.oid::regprocedure::text, p.pronamespace,
                       coalesce(p.proacl, acldefault('f', p.proowner))
                  from pg_proc as p
                union all
                select c.oid::regclass::text, c.relnamespace,
                       coalesce(c.relacl, acldefault('r', c.relowner))
                  from pg_class as c
                union all
                select n.nspname, n.oid, coalesce(n.nspacl, acldefault('n', n.nspowner))
                  from pg_namespace as n) as o (name, schema, acl)
          cross join lateral aclexplode(o.acl) as a
         where o.schema::regnamespace::text like 'workflow_pg%'
           and a.grantee = 0
        """,
    )
    assert public == []


def test_public_never_sees_a_new_function(empty_dsn: str, tree: Tree) -> None:
    """Not even with no grants file: the owner's defaults take care of it."""
    up(empty_dsn, files=tree.files)
    assert rows(
        empty_dsn,
        """
        select count(*)
          from pg_proc as p
          cross join lateral aclexplode(coalesce(p.proacl,
                                                 acldefault('f', p.proowner))) as a
         where p.proname = 'count_things'
           and a.grantee = 0
        """,
    ) == [(0,)]


def test_a_function_or_view_without_a_line_in_the_matrix_is_refused(
    empty_dsn: str, tree: Tree
) -> None:
    matrix = packaged().sql.joinpath("90_grants.sql").read_text(encoding="utf-8")
    tree.write("sql/90_grants.sql", matrix)
    with pytest.raises(
        MigrationFailed, match=r"count_things\(\) has no line in sql/90"
    ):
        up(empty_dsn, files=tree.files)
    matrix = matrix.replace("('schema_version',", "('count_things', v_worker),\n(''  ,")
    tree.write("sql/90_grants.sql", matrix)
    with pytest.raises(MigrationFailed, match="thing_kinds has no line in sql/90"):
        up(empty_dsn, files=tree.files)
    matrix = matrix.replace("('v_runs',", "('thing_kinds', v_nobody),\n('',")
    tree.write("sql/90_grants.sql", matrix)
    up(empty_dsn, files=tree.files)


def test_every_line_of_the_matrix_is_about_a_function(dsn: str) -> None:
    there = {
        name
        for (name,) in rows(
            dsn,
            """
            select p.proname::text
              from pg_proc as p
             where p.pronamespace = 'workflow_pg'::regnamespace
            """,
        )
    }
    assert there == CLIENT | WORKER | OWNER


@pytest.mark.parametrize(
    ("login", "role", "sentence"),
    [
        ("postgres", "workflow_king", "no role workflow_king: the roles are"),
        ("postgres", "pg_read_all_data", "no role pg_read_all_data"),
        ("nobody_of_that_name", "workflow_client", "no login nobody_of_that_name"),
    ],
)
def test_an_unknown_role_or_login_is_one_sentence(
    dsn: str, login: str, role: str, sentence: str
) -> None:
    before = catalog_text(dsn)
    with pytest.raises(UnknownName, match=sentence):
        grant(dsn, login=login, role=role)
    assert catalog_text(dsn) == before


def test_grant_wants_an_up_to_date_database(empty_dsn: str) -> None:
    with pytest.raises(MigrationRefused, match="migrate up"):
        grant(empty_dsn, login="postgres", role="workflow_client")


def test_grant_by_a_login_that_may_not_grant(
    empty_dsn: str, make_login: MakeLogin
) -> None:
    other = make_login(empty_dsn)
    up(other)
    before = catalog_text(empty_dsn)
    # The role is not this login's to give or, where it is missing, to make.
    with pytest.raises((MigrationFailed, MigrationRefused)):
        grant(other, login=_name(other), role="workflow_client")
    assert catalog_text(empty_dsn) == before


@pytest.mark.parametrize("role", ["workflow_client", "workflow_owner"])
def test_a_role_of_ours_is_given_to_logins_only(dsn: str, role: str) -> None:
    before = catalog_text(dsn)
    with pytest.raises(
        MigrationRefused, match=r"is a role of workflow-pg and no login"
    ):
        grant(dsn, login="workflow_worker", role=role)
    assert catalog_text(dsn) == before


def test_a_login_that_has_the_role_keeps_it(dsn: str, make_login: MakeLogin) -> None:
    """An administrator may have given it, after the last `up` has looked for roles."""
    name = _name(make_login(dsn))
    grant(dsn, login=name, role="workflow_observer")
    rows(dsn, "revoke all on all tables in schema workflow_pg from workflow_observer")
    lines: list[str] = []
    grant(dsn, login=name, role="workflow_observer", on_line=lines.append)
    assert lines == [
        f"{name} has workflow_observer already;"
        " the rights of the role were applied again"
    ]
    with psycopg.connect(dsn) as connection:
        found = connection.execute(
            "select has_table_privilege(%s, 'workflow_pg.v_runs', 'select')", (name,)
        ).fetchone()
    assert found == (True,)


def test_a_login_that_gets_the_owner_role_may_migrate(
    dsn: str, make_login: MakeLogin
) -> None:
    login = make_login(dsn)
    grant(dsn, login=_name(login), role="workflow_owner")
    rows(dsn, "update workflow_pg_private.installation set state = 'migrating'")
    up(login)
    assert status(dsn).is_up_to_date


def test_the_owner_role_is_not_given_where_it_owns_nothing(
    empty_dsn: str, make_login: MakeLogin
) -> None:
    owner = make_login(empty_dsn)
    up(owner)
    with pytest.raises(
        MigrationRefused, match=f"belongs to {_name(owner)}, so workflow_owner would"
    ):
        grant(owner, login="postgres", role="workflow_owner")


def test_the_owner_role_owns_everything(dsn: str) -> None:
    assert rows(dsn, _OWNERS) == [("workflow_owner",)]


def test_a_login_without_createrole_owns_and_is_told_so(
    empty_dsn: str, make_login: MakeLogin
) -> None:
    login = make_login(empty_dsn)
    lines: list[str] = []
    up(login, on_line=lines.append)
    assert rows(empty_dsn, _OWNERS) == [(_name(login),)]
    said = [line for line in lines if "owns the schemas itself" in line]
    assert len(said) == 1
    assert said[0].startswith(f"login {_name(login)} ")
    up(login, on_line=lines.append)
    assert lines[-1].startswith("up to date")
    # Its other schemas keep the defaults they had.
    assert rows(empty_dsn, "select count(*) from pg_default_acl") == [(0,)]


def test_another_login_cannot_migrate_what_it_does_not_own(
    dsn: str, make_login: MakeLogin
) -> None:
    login = make_login(dsn)
    with pytest.raises(MigrationRefused, match=f"Login {_name(login)} may not act"):
        up(login)


def test_a_member_of_the_owner_can_migrate(dsn: str, make_login: MakeLogin) -> None:
    login = make_login(dsn)
    rows(dsn, "update workflow_pg_private.installation set state = 'migrating'")
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            SQL("grant workflow_owner to {}").format(Identifier(_name(login)))
        )
    up(login)
    assert status(dsn).is_up_to_date
    assert rows(dsn, _OWNERS) == [("workflow_owner",)]


def test_a_login_with_createrole_makes_the_roles(server: Server) -> None:
    """On a server of its own: roles belong to the server, and no other test's."""
    try:
        binaries = choose_binaries(server.major)
    except NoServerError as error:
        pytest.skip(str(error))
    with EmbeddedServer(binaries=binaries) as own:
        admin = psycopg.connect(
            host=own.host, port=own.port, user=own.user, password=own.password,
            dbname="postgres", autocommit=True,
        )  # fmt: skip
        statements: tuple[LiteralString, ...] = (
            "create role installer login createrole password 'hunter2'",
            "create role app login password 'hunter2'",
            "create database app owner installer",
        )
        with admin:
            for statement in statements:
                admin.execute(statement)
        address = f"host={own.host} port={own.port} password=hunter2 dbname=app"
        installer = f"{address} user=installer"
        lines: list[str] = []
        up(installer, on_line=lines.append)
        assert not any("owns the schemas itself" in line for line in lines)
        assert rows(installer, _OWNERS) == [("workflow_owner",)]
        for role in ("workflow_client", "workflow_worker"):
            grant(installer, login="app", role=role, on_line=lines.append)
            assert f"created role {role}" in lines
        assert rows(f"{address} user=app", "select workflow_pg.schema_version()")
