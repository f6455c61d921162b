"""The refusals of SQL as the exceptions that the SDK expects.

Translation, not a rule: what is refused is decided in SQL; this says under which
name the SDK's runtime has to hear it, so that it acknowledges, retries or gives up.
"""

from __future__ import annotations

from workflow_pg import errors
from workflow_pg.sdk import _compat as sdk


class Unsupported(sdk.FatalError):
    """Something of the SDK that this version does not have yet.

    A fatal error, so a step that uses it fails at once instead of being retried, and
    a worker buries a message that leads to it.
    """


def lacks(feature: str) -> Unsupported:
    """The sentence for a feature that is not there yet."""
    return Unsupported(f"{feature} are not supported by this version of workflow-pg")


def translate(error: errors.Refusal, event_type: str, correlation_id: str | None) -> Exception:
    """What to raise out of ``events_create`` in place of a refusal.

    Args:
        error: The refusal.
        event_type: Type of the event that was refused.
        correlation_id: Id of its step, hook or wait.
    """
    message = str(error)
    if isinstance(error, errors.TooEarly):
        return sdk.TooEarlyError(message, retry_after=error.retry_after)
    if isinstance(error, errors.NotFound):
        if event_type.startswith("hook_") and error.detail.get("entity") == "hook":
            return sdk.HookNotFoundError(hook_id=correlation_id)
        return sdk.WorkflowWorldError(message, status=404)
    if isinstance(error, errors.RunFinal):
        if event_type == "run_started":
            return sdk.RunExpiredError(message, status=410)
        if event_type == "hook_received":
            return sdk.HookNotFoundError(hook_id=correlation_id)
        return sdk.EntityConflictError(message)
    if isinstance(error, errors.Conflict):
        if event_type == "hook_received":
            return sdk.HookResumeConflictError(message)
        return sdk.EntityConflictError(message)
    return sdk.WorkflowWorldError(message, status=int(error.sqlstate[2:]), code=error.sqlstate)


def sentence_if_hopeless(error: BaseException) -> str | None:
    """Why handling a message again cannot help, or None when it may.

    A call that SQL calls malformed, too large or over a limit stays so, and a feature
    that is missing stays missing. The SDK's task groups wrap exceptions in groups.
    """
    if isinstance(error, BaseExceptionGroup):
        inner: tuple[BaseException, ...] = error.exceptions
        return next(filter(None, map(sentence_if_hopeless, inner)), None)
    if isinstance(error, Unsupported):
        return str(error)
    if isinstance(error, sdk.WorkflowWorldError) and error.status in (400, 413, 422, 426):
        return str(error)
    return None
