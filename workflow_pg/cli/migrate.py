"""`workflow-pg migrate ...`: installs, upgrades, checks and grants."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from workflow_pg.cli.output import (
    ExitCode,
    table,
    write_json,
    write_line,
    write_table,
)
from workflow_pg.cli.parser import Subparsers, add_command, dsn_of

if TYPE_CHECKING:
    from workflow_pg.migrate import Plan, Status

__all__ = ["add"]


def add(subparsers: Subparsers) -> None:
    """Add `migrate` and its commands."""
    words = "install, upgrade and check the database"
    migrate = subparsers.add_parser(
        "migrate",
        help=words,
        description=f"{words[0].upper()}{words[1:]}.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    commands = migrate.add_subparsers(
        title="commands", metavar="COMMAND", required=True
    )
    add_command(
        commands, "plan", _plan, help="say what `up` would do; 1 if there is anything"
    )
    up = add_command(commands, "up", _up, help="apply what the database lacks")
    up.add_argument(
        "--accept-checksum",
        metavar="NAME",
        action="append",
        default=[],
        help="the edited text of this applied migration is all right (repeatable)",
    )
    add_command(
        commands, "status", _status, help="say what is installed; 1 if not all of it"
    )
    add_command(
        commands,
        "verify",
        _verify,
        help="compare functions and views with the files; 1 if any differ",
    )
    add_command(
        commands,
        "sql",
        _sql,
        help="print one psql script that installs everything",
        needs_database=False,
        has_json=False,
    )
    grant = add_command(commands, "grant", _grant, help="give a login one of the roles")
    grant.add_argument("login", metavar="LOGIN", help="a role that exists")
    grant.add_argument(
        "role",
        metavar="ROLE",
        help="workflow_client, workflow_worker, workflow_observer or workflow_owner",
    )


def _plan(arguments: argparse.Namespace) -> int:
    from workflow_pg.migrate import plan

    found = plan(dsn_of(arguments))
    if arguments.json:
        write_json(found)
    else:
        _write_plan(found)
    return ExitCode.OK if found.is_empty else ExitCode.NEGATIVE


def _write_plan(plan: Plan) -> None:
    if plan.is_empty:
        write_line("nothing is pending")
    for migration in plan.migrations:
        alone = "" if migration.has_transaction else " (outside a transaction)"
        write_line(f"migrations/{migration.name}{alone}")
        write_line(f"    locks: {migration.locks or 'its header does not say'}")
        for words in migration.statement_locks:
            write_line(f"    {words}")
    if plan.sql_paths or plan.is_unfinished:
        why = f"{len(plan.sql_paths)} of its files differ"
        write_line(
            f"sql/ ({'an earlier run broke off' if plan.is_unfinished else why})"
        )
        write_line("    locks: views for the length of its transaction; no table")
    for path in plan.sql_paths:
        write_line(f"    sql/{path}")


def _up(arguments: argparse.Namespace) -> int:
    from workflow_pg.migrate import status, up
    from workflow_pg.migrate.database import say_nothing

    dsn = dsn_of(arguments)
    up(
        dsn,
        on_line=say_nothing if arguments.json else write_line,
        accept_checksums=arguments.accept_checksum,
    )
    if arguments.json:
        write_json(status(dsn))
    return ExitCode.OK


def _status(arguments: argparse.Namespace) -> int:
    from workflow_pg.migrate import status

    found = status(dsn_of(arguments))
    if arguments.json:
        write_json(found)
    else:
        _write_status(found)
    return ExitCode.OK if found.is_up_to_date else ExitCode.NEGATIVE


def _write_status(status: Status) -> None:
    verdicts = {
        "absent": "not installed",
        "migrating": "an earlier `migrate up` broke off, or is running",
        "ready": "up to date" if status.is_up_to_date else "behind this workflow-pg",
    }
    rows = [
        ("state", verdicts[status.state]),
        ("migration", f"{status.migration:04} of {status.package_migration:04}"),
        ("changed by", f"workflow-pg {status.database_tool_version or '-'}"),
        ("this is", f"workflow-pg {status.tool_version}"),
    ]
    rows += [("pending", f"migrations/{name}") for name in status.pending_migrations]
    if status.pending_sql_paths:
        rows.append(("pending", f"sql/ ({len(status.pending_sql_paths)} files differ)"))
    print(table(rows[0], rows[1:]))


def _verify(arguments: argparse.Namespace) -> int:
    from workflow_pg.migrate import verify
    from workflow_pg.migrate.database import say_nothing

    drifts = verify(
        dsn_of(arguments),
        on_line=say_nothing if arguments.json else write_line,
    )
    if arguments.json:
        write_json(drifts)
    elif drifts:
        write_table(["drift", "object"], [(d.kind, d.title) for d in drifts])
    else:
        write_line("functions and views are those of the files")
    return ExitCode.NEGATIVE if drifts else ExitCode.OK


def _sql(arguments: argparse.Namespace) -> int:
    del arguments
    from workflow_pg.migrate import sql

    print(sql(), end="")
    return ExitCode.OK


def _grant(arguments: argparse.Namespace) -> int:
    from workflow_pg.migrate import grant
    from workflow_pg.migrate.database import say_nothing

    grant(
        dsn_of(arguments),
        login=arguments.login,
        role=arguments.role,
        on_line=say_nothing if arguments.json else write_line,
    )
    if arguments.json:
        write_json({"login": arguments.login, "role": arguments.role})
    return ExitCode.OK
