"""The statements that ask what is installed, and in which history."""

from __future__ import annotations

from typing import Final

from workflow_pg.calls.call import Statement, one, text
from workflow_pg.models import SchemaStamp
from workflow_pg.rows import SCHEMA_STAMP

SCHEMA_VERSION: Final[Statement[SchemaStamp]] = one(
    SCHEMA_STAMP, "workflow_pg.schema_version()"
)

EPOCH: Final[Statement[str]] = text("workflow_pg.epoch(p_expected => %(expected)s)")
