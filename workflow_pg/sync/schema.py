# Written by `make sync` from workflow_pg/schema.py: edit that one.
"""Is what is in the database what this package, or this caller, works with?"""

from __future__ import annotations

import re

from psycopg import errors as sqlstates

from workflow_pg.calls.schema import EPOCH, SCHEMA_VERSION
from workflow_pg.errors import SchemaUnusable
from workflow_pg.migrate.files import Stamp, packaged_stamp, tool_version
from workflow_pg.models import SchemaStamp
from workflow_pg.sync.database import Runner

__all__ = ["check", "epoch", "judge"]

_RELEASE = re.compile(r"\d+(?:\.\d+)*")


def check(database: Runner) -> SchemaStamp:
    """Ask the database what is installed and compare it with the packaged files.

    Returns:
        What is installed, and where.

    Raises:
        SchemaUnusable: They differ; the sentence says how and what to do.
    """
    try:
        installed = database.run(SCHEMA_VERSION())
    except sqlstates.InvalidSchemaName as error:
        raise SchemaUnusable(
            "This database is not migrated, it has no schema workflow_pg: run"
            " `workflow-pg migrate up`."
        ) from error
    except (sqlstates.UndefinedFunction, sqlstates.UndefinedTable) as error:
        raise SchemaUnusable(
            "This database is not migrated, its schema workflow_pg has no function"
            " schema_version: run `workflow-pg migrate up`."
        ) from error
    except sqlstates.InsufficientPrivilege as error:
        raise SchemaUnusable(
            "This login may not use schema workflow_pg: let the one that installed it"
            " run `workflow-pg migrate grant`."
        ) from error
    judge(installed, packaged_stamp(), tool_version())
    return installed


def epoch(database: Runner, expected: str | None) -> str:
    """The history that the database has.

    Raises:
        HistoryCut: It is not the expected one.
    """
    return database.run(EPOCH(expected=expected))


def judge(installed: SchemaStamp, packaged: Stamp, version: str) -> None:
    """Compare what is installed with what a package of some version carries.

    Raises:
        SchemaUnusable: They differ; the sentence says how and what to do.
    """
    applied, known = installed.migration, packaged.migration
    if installed.state != "ready":
        raise SchemaUnusable(
            f"Schema workflow_pg is half-migrated, at migration {applied}: wait for"
            " the migration that is running, or, if none is, run"
            " `workflow-pg migrate up` again."
        )
    if applied < known:
        raise SchemaUnusable(
            f"Schema workflow_pg is older than this workflow-pg {version}: it is at"
            f" migration {applied} of {known}; run `workflow-pg migrate up`."
        )
    if applied > known:
        raise SchemaUnusable(
            f"Schema workflow_pg is newer than this workflow-pg {version}: it is at"
            f" migration {applied}, and this one knows {known}; upgrade the package"
            f" to {installed.tool_version} or newer."
        )
    if installed.sql_checksum == packaged.sql_checksum:
        return
    if _release(installed.tool_version) > _release(version):
        raise SchemaUnusable(
            f"The functions of schema workflow_pg are newer than this workflow-pg"
            f" {version}: upgrade the package to {installed.tool_version} or newer."
        )
    raise SchemaUnusable(
        f"The functions of schema workflow_pg are older than this workflow-pg"
        f" {version}, or not those it carries: run `workflow-pg migrate up`."
    )


def _release(version: str) -> tuple[int, ...]:
    release = _RELEASE.match(version)
    return tuple(map(int, release[0].split("."))) if release else ()
