"""What a test wants to go wrong: steps that fail, workers that die.

Nothing of the app is replaced: a step's body is chosen when its delivery runs it, and
a worker dies between two calls of the SDK to its World.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workflow_pg.sdk import _compat_testing as sdk
from workflow_pg.testing.errors import WorkbenchError

if TYPE_CHECKING:
    from vercel.workflow import RetryableError

__all__ = ["Faults", "Raised"]

Raised = Exception | type[Exception]


@dataclass(slots=True, kw_only=True)
class _Fault:
    kind: str
    step_name: str
    left: int
    error: Raised | None = None
    has_happened: bool = False

    def take(self) -> None:
        self.left -= 1
        self.has_happened = True


class Faults:
    """Faults to come, each for so many attempts of one step, over all runs.

    Args:
        step_names: The names of all steps that the test's worker serves.
        crash_worker: What kills the worker.
    """

    def __init__(
        self,
        step_names: Callable[[], set[str]],
        crash_worker: Callable[[], Awaitable[None]],
    ) -> None:
        self._step_names = step_names
        self._crash_worker = crash_worker
        self._planned: list[_Fault] = []

    def fail(
        self,
        step: sdk.Step[..., Any] | str,
        *,
        times: int = 1,
        error: Raised | None = None,
    ) -> None:
        """Let the next attempts of a step raise in place of running its body.

        Args:
            step: The step, or its name such as ``step//shop//charge``.
            times: How many attempts; at least one of them has to be made.
            error: An exception or its class; default is a ``RetryableError`` with the
                SDK's delay of a second.

        Raises:
            WorkbenchError: No registry of the test has this step.
        """
        __tracebackhide__ = True
        self._plan("fail", step, times, error)

    def crash_before(self, step: sdk.Step[..., Any] | str, *, times: int = 1) -> None:
        """Let the worker die when it has recorded the attempt and not begun the body.

        Another worker takes over when the lease ends, 15 s later on the test's clock:
        ``drain`` and ``result`` go there, ``advance`` may. The attempt counts. Only the
        delivery of this step dies; ``crash_worker`` takes everything in hand.

        Args:
            step: The step, or its name.
            times: How many attempts; at least one of them has to be made.

        Raises:
            WorkbenchError: No registry of the test has this step.
        """
        __tracebackhide__ = True
        self._plan("crash_before", step, times)

    def crash_after(self, step: sdk.Step[..., Any] | str, *, times: int = 1) -> None:
        """Let the worker die when the body has ended and nobody knows of it.

        What the body did outside stays done, and the next worker runs it once more: so
        it is in production after a kill at that moment. Else as ``crash_before``.

        Args:
            step: The step, or its name.
            times: How many attempts; at least one of them has to be made.

        Raises:
            WorkbenchError: No registry of the test has this step.
        """
        __tracebackhide__ = True
        self._plan("crash_after", step, times)

    async def crash_worker(self) -> None:
        """Let the worker die now, with all that it has in hand; another starts.

        Bodies in hand are cancelled, so their ``finally`` blocks do run, unlike after a
        kill; what these do to workflows is refused. The leases end 15 s later on the
        test's clock.
        """
        await self._crash_worker()

    def body_of(self, step_name: str, body: sdk.Body) -> sdk.Body:
        """The body that an attempt of a step runs."""
        if not any(f.kind == "fail" for f in self._of(step_name)):
            return body

        async def fail_or_run(*arguments: Any, **named: Any) -> Any:
            fault = self._next("fail", step_name)
            if fault is None:
                return await body(*arguments, **named)
            fault.take()
            raise fault.error or _retryable()

        return fail_or_run

    def crashes(self, kind: str, step_name: str | None) -> bool:
        """Whether the worker is to die here; counts as having happened."""
        fault = step_name and self._next(kind, step_name)
        if not fault:
            return False
        fault.take()
        return True

    def unused(self) -> list[str]:
        """The faults that never happened, in words."""
        return [
            f"faults.{fault.kind}({fault.step_name})"
            for fault in self._planned
            if not fault.has_happened
        ]

    def _plan(
        self,
        kind: str,
        step: sdk.Step[..., Any] | str,
        times: int,
        error: Raised | None = None,
    ) -> None:
        __tracebackhide__ = True
        name = step if isinstance(step, str) else step.name
        known = self._step_names()
        if name not in known:
            there = ", ".join(sorted(known)) or "none"
            raise WorkbenchError(
                f"no registry of this test has a step {name}: there is {there}"
            )
        if times < 1:
            raise WorkbenchError(f"faults.{kind} with times={times}: say 1 or more.")
        fault = _Fault(kind=kind, step_name=name, left=times, error=error)
        self._planned.append(fault)

    def _of(self, step_name: str) -> list[_Fault]:
        return [f for f in self._planned if f.step_name == step_name and f.left]

    def _next(self, kind: str, step_name: str) -> _Fault | None:
        return next((f for f in self._of(step_name) if f.kind == kind), None)


def _retryable() -> RetryableError:
    # Made when it is raised: it says by the clock when to try again.
    from vercel.workflow import RetryableError

    return RetryableError("this failure was asked for by faults.fail")
