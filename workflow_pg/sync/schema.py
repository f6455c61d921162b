# Written by `make sync` from workflow_pg/schema.py: edit that one.
"""Is what is in the database what this package, or this caller, works with?"""

from __future__ import annotations

from psycopg import errors as sqlstates

from workflow_pg.calls.schema import EPOCH, SCHEMA_VERSION
from workflow_pg.errors import SchemaUnusable
from workflow_pg.migrate.files import packaged_stamp, tool_version
from workflow_pg.models import SchemaStamp
from workflow_pg.stamp import judge
from workflow_pg.sync.database import Runner

__all__ = ["check", "epoch"]


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
