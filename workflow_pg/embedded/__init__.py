"""PostgreSQL inside a development machine: no installation, no root, no container."""

from __future__ import annotations

from workflow_pg.embedded.binaries import (
    DEFAULT_MAJOR,
    Binaries,
    find_binaries,
    read_bindir,
)
from workflow_pg.embedded.dev import (
    DevServer,
    destroy_dev,
    dev_dsn,
    named_dsn,
    start_dev,
    stop_dev,
)
from workflow_pg.embedded.errors import EmbeddedError
from workflow_pg.embedded.throwaway import EmbeddedServer

__all__ = [
    "DEFAULT_MAJOR",
    "Binaries",
    "DevServer",
    "EmbeddedError",
    "EmbeddedServer",
    "destroy_dev",
    "dev_dsn",
    "find_binaries",
    "named_dsn",
    "read_bindir",
    "start_dev",
    "stop_dev",
]
