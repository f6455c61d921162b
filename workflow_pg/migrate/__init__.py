"""Installs and upgrades the schemas of workflow-pg, and says what is installed.

Importing this loads no driver; each function opens the one connection it needs.
"""

from __future__ import annotations

from workflow_pg.migrate.database import Patience
from workflow_pg.migrate.errors import (
    BadDsn,
    BrokenFiles,
    DatabaseUnreachable,
    MigrationError,
    MigrationFailed,
    MigrationRefused,
    UnknownName,
)
from workflow_pg.migrate.files import Files, Stamp, packaged, packaged_stamp
from workflow_pg.migrate.grants import ROLES, grant
from workflow_pg.migrate.inspection import (
    PendingMigration,
    Plan,
    Status,
    plan,
    status,
)
from workflow_pg.migrate.runner import up
from workflow_pg.migrate.script import sql
from workflow_pg.migrate.verification import Drift, DriftKind, verify

__all__ = [
    "ROLES",
    "BadDsn",
    "BrokenFiles",
    "DatabaseUnreachable",
    "Drift",
    "DriftKind",
    "Files",
    "MigrationError",
    "MigrationFailed",
    "MigrationRefused",
    "Patience",
    "PendingMigration",
    "Plan",
    "Stamp",
    "Status",
    "UnknownName",
    "grant",
    "packaged",
    "packaged_stamp",
    "plan",
    "sql",
    "status",
    "up",
    "verify",
]
