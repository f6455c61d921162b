"""What a test's worker serves: the registries that imported modules hold."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from vercel.workflow import Workflows

from workflow_pg.health import ANY_WORKFLOW
from workflow_pg.sdk import _compat as sdk
from workflow_pg.sdk._compat_testing import Body, WatchedRegistry
from workflow_pg.sdk.errors import hopeless_cause
from workflow_pg.testing.world import WorldUnderTest

__all__ = ["App", "Apps"]

# Looking through the modules of a large app takes some 10 ms: once is enough.
_seen: dict[str, tuple[ModuleType, list[Workflows]]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """A registry, and who handles its deliveries. ``number`` counts from 1."""

    registry: Workflows
    handler: sdk.QueueHandler
    number: int

    @property
    def served(self) -> list[str]:
        """Names of its workflows, and the one of health checks."""
        return [*sdk.workflow_names(self.registry), ANY_WORKFLOW]

    @property
    def steps(self) -> list[str]:
        """Names of its steps, with those of the SDK."""
        return sdk.step_names(self.registry)


class Apps:
    """The apps of one test, as far as they are imported.

    Args:
        sdk_world: The World of the test.
        given: What the test's fixture ``workflow_registries`` says; None to look for
            registries in the modules that are imported.
        body_of: Chooses the body of a step.
        on_failure: Told what a handler raises.
    """

    def __init__(
        self,
        sdk_world: WorldUnderTest,
        given: Iterable[Workflows] | None,
        body_of: Callable[[str, Body], Body],
        on_failure: Callable[[Exception], None],
    ) -> None:
        self._sdk_world = sdk_world
        self._given = None if given is None else list(given)
        self._body_of = body_of
        self._on_failure = on_failure
        self._apps: list[App] = []
        self._modules = -1

    def all(self) -> list[App]:
        """Those there are now; a test may import more."""
        if len(sys.modules) != self._modules:
            self._modules = len(sys.modules)
            for registry in _imported() if self._given is None else self._given:
                if all(app.registry is not registry for app in self._apps):
                    self._add(registry)
        return [app for app in self._apps if sdk.workflow_names(app.registry)]

    def step_names(self) -> set[str]:
        """The names of all their steps, without those of the SDK."""
        return {name for app in self.all() for name in sdk.own_step_names(app.registry)}

    def _add(self, registry: Workflows) -> None:
        # It has of a registry what the SDK uses.
        watched: Any = WatchedRegistry(registry, self._body_of)
        sdk.workflow_entrypoint(watched)
        prefix = sdk.get_queue_topic_prefix(registry.namespace)
        handler = self._noting_failures(self._sdk_world.handlers[prefix])
        self._apps.append(
            App(registry=registry, handler=handler, number=len(self._apps) + 1)
        )

    def _noting_failures(self, handler: sdk.QueueHandler) -> sdk.QueueHandler:
        async def noting(
            message: Any, *, attempt: int, queue_name: str, message_id: str
        ) -> sdk.QueueContinuation | None:
            try:
                return await handler(
                    message,
                    attempt=attempt,
                    queue_name=queue_name,
                    message_id=message_id,
                )
            except Exception as error:
                # What cannot succeed fails its run in one sentence, and is told there.
                if hopeless_cause(error) is None:
                    self._on_failure(error)
                raise

        return noting


def _imported() -> list[Workflows]:
    found: list[Workflows] = []
    for name, module in list(sys.modules.items()):
        before = _seen.get(name)
        if before is None or before[0] is not module:
            before = _seen[name] = (module, _registries_of(module))
        found += before[1]
    return found


def _registries_of(module: ModuleType) -> list[Workflows]:
    # By type and not by isinstance, which makes lazy objects load what they stand for.
    names: dict[str, object] = getattr(module, "__dict__", {})
    return [
        value
        for value in list(names.values())
        if issubclass(type(value), Workflows) and isinstance(value, Workflows)
    ]
