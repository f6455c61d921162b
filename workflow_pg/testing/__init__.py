"""Test your workflows with pytest: a PostgreSQL, a worker in your test, a clock.

    async def test_order(workflows):
        run = await start(fulfil, "A17", 4200)
        assert await workflows.result(run) == {...}

The fixture ``workflows`` is a ``Workbench``. The plugin is found by pytest by itself;
it loads nothing of the SDK and starts nothing before a test asks for the fixture.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workflow_pg.testing.clock import Clock
    from workflow_pg.testing.errors import StuckError, WorkbenchError, WorkerFailedError
    from workflow_pg.testing.faults import Faults
    from workflow_pg.testing.workbench import Workbench

__all__ = [
    "Clock",
    "Faults",
    "StuckError",
    "Workbench",
    "WorkbenchError",
    "WorkerFailedError",
]

_MODULES = {
    "Clock": "clock",
    "Faults": "faults",
    "StuckError": "errors",
    "Workbench": "workbench",
    "WorkbenchError": "errors",
    "WorkerFailedError": "errors",
}


def __getattr__(name: str) -> object:
    if name in _MODULES:
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
