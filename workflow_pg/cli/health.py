"""`workflow-pg doctor` and `workflow-pg health`: for people, and for probes."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from workflow_pg.cli.output import ExitCode, table, write_json, write_line
from workflow_pg.cli.parser import Subparsers, add_command, dsn_of
from workflow_pg.cli.values import seconds, utf8_text

if TYPE_CHECKING:
    from workflow_pg.models import Finding

__all__ = ["add"]


def add(subparsers: Subparsers) -> None:
    """Add `doctor` and `health`."""
    add_command(
        subparsers,
        "doctor",
        _doctor,
        help="examine database, workers, queue and runs; 1 if there is a problem",
    )
    health = add_command(
        subparsers,
        "health",
        _health,
        help="say whether the database can be used, for probes; 1 if not",
    )
    health.add_argument(
        "--worker", action="store_true", help="a live worker is needed, too"
    )
    health.add_argument(
        "--deployment",
        metavar="NAME",
        type=utf8_text,
        help="the worker has to execute runs of this deployment",
    )
    health.add_argument(
        "--probe",
        metavar="WORKFLOW",
        type=utf8_text,
        nargs="?",
        const=True,
        help="a worker has to answer a message, one of this workflow or queue if it is"
        " named; says in how many seconds it did",
    )
    health.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=seconds(3600),
        default=5.0,
        help="how long the database may take to answer, and the worker after it (5)",
    )


def _doctor(arguments: argparse.Namespace) -> int:
    from workflow_pg.models import Severity

    found = asyncio.run(_findings(dsn_of(arguments)))
    if arguments.json:
        write_json(found)
    else:
        print(table(("is", "what", "finding"), _finding_rows(found)))
    has_problem = any(finding.severity is Severity.PROBLEM for finding in found)
    return ExitCode.NEGATIVE if has_problem else ExitCode.OK


async def _findings(dsn: str) -> list[Finding]:
    """What the database says of itself, and before that whether it can be asked."""
    from workflow_pg.errors import SchemaUnusable, Unreachable
    from workflow_pg.models import Finding, Severity
    from workflow_pg.world import World

    def unusable(subject: str, error: Exception) -> list[Finding]:
        return [
            Finding(
                subject=subject,
                severity=Severity.PROBLEM,
                sentence=str(error),
                next_step=None,
                detail={},
            )
        ]

    try:
        async with World(dsn, max_size=1) as world:
            stamp = await world.check_schema()
            schema = Finding(
                subject="schema",
                severity=Severity.OK,
                sentence=f"migration {stamp.migration} and the functions of this"
                " workflow-pg are installed",
                next_step=None,
                detail={
                    "migration": stamp.migration,
                    "sql_checksum": stamp.sql_checksum,
                    "tool_version": stamp.tool_version,
                },
            )
            now = datetime.now(UTC)
            return [schema, *await world.operations.diagnose(client_time=now)]
    except SchemaUnusable as error:
        return unusable("schema", error)
    except Unreachable as error:
        return unusable("database", error)


def _finding_rows(found: Sequence[Finding]) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for finding in found:
        rows.append((finding.severity, finding.subject, finding.sentence))
        if finding.next_step is not None:
            rows.append(("", "", f"-> {finding.next_step}"))
    return rows


def _health(arguments: argparse.Namespace) -> int:
    is_healthy, sentence = asyncio.run(_verdict(arguments, dsn_of(arguments)))
    if arguments.json:
        write_json({"is_healthy": is_healthy, "sentence": sentence}, is_line=True)
    else:
        write_line(f"{'healthy' if is_healthy else 'unhealthy'}: {sentence}")
    return ExitCode.OK if is_healthy else ExitCode.NEGATIVE


async def _verdict(arguments: argparse.Namespace, dsn: str) -> tuple[bool, str]:
    """Yes or no, and why. Whatever the database does is an answer."""
    import psycopg

    from workflow_pg.errors import MalformedCall, WorkflowPgError
    from workflow_pg.migrate.database import redacted

    try:
        async with asyncio.timeout(arguments.timeout):
            is_healthy, sentence = await _look(arguments, dsn)
        if is_healthy and arguments.probe is not None:
            sentence = f"{sentence}; {await _probe(arguments, dsn)}"
    except TimeoutError as error:
        # A probe says which worker it was that did not answer.
        late = f"the database has not answered within {arguments.timeout:g} s"
        return False, str(error) or late
    except MalformedCall:
        # No state of the database makes it right: the command line is wrong.
        raise
    except (WorkflowPgError, psycopg.Error) as error:
        return False, redacted(" ".join(str(error).split()), dsn)
    return is_healthy, sentence


async def _probe(arguments: argparse.Namespace, dsn: str) -> str:
    from workflow_pg.health import ANY_WORKFLOW, probe
    from workflow_pg.world import World

    async with World(dsn, max_size=1) as world:
        latency = await probe(
            world,
            ANY_WORKFLOW if arguments.probe is True else arguments.probe,
            timeout=arguments.timeout,
            deployment_id=arguments.deployment or "default",
        )
    return f"a worker answered in {latency:.3f} s"


async def _look(arguments: argparse.Namespace, dsn: str) -> tuple[bool, str]:
    from workflow_pg.world import World

    async with World(dsn, max_size=1) as world:
        stamp = await world.check_schema()
        usable = f"the schema is at migration {stamp.migration}"
        if not (arguments.worker or arguments.deployment):
            return True, usable
        alive = await world.operations.list_workers(
            deployment_id=arguments.deployment, is_alive=True
        )
    whose = f" of deployment {arguments.deployment}" if arguments.deployment else ""
    if not alive:
        return False, f"no worker{whose} is alive"
    return True, f"{usable}; live workers{whose}: {len(alive)}"
