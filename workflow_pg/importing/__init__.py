"""Runs out of a database of the TypeScript ``@workflow/world-postgres`` into ours."""

from workflow_pg.importing.importer import Import, Problem, import_from
from workflow_pg.importing.source import Unreadable

__all__ = ["Import", "Problem", "Unreadable", "import_from"]
