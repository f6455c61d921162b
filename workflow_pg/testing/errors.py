"""What fails a test that uses workflows, beside its own assertions."""

from __future__ import annotations

__all__ = ["StuckError", "WorkbenchError", "WorkerCrash", "WorkerFailedError"]


class WorkbenchError(AssertionError):
    """The test cannot go on, or did not test what it says. One sentence, or some."""


class StuckError(WorkbenchError):
    """Live runs wait for something that will not happen; says for what."""


class WorkerFailedError(WorkbenchError):
    """A delivery failed in the worker, and not in a workflow or a step.

    The exception itself is the cause.
    """


class WorkerCrash(BaseException):
    """The worker of a delivery is dead from here on.

    No ``Exception``: neither the SDK nor a step may take it for a failure of a step.
    """
