"""The statement that asks what is installed."""

from __future__ import annotations

from typing import Final

from workflow_pg.calls.call import Statement, one
from workflow_pg.models import SchemaStamp
from workflow_pg.rows import SCHEMA_STAMP

SCHEMA_VERSION: Final[Statement[SchemaStamp]] = one(
    SCHEMA_STAMP, "workflow_pg.schema_version()"
)
