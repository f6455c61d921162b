"""The refusals of SQL as the exceptions that the SDK expects.

Translation, not a rule: what is refused is decided in SQL; this says under which
name the SDK's runtime has to hear it, so that it acknowledges, retries or gives up.
"""

from __future__ import annotations

from typing import cast

from workflow_pg import errors
from workflow_pg.sdk import _compat as sdk


class Unsupported(sdk.FatalError):
    """Something of the SDK that this version does not have yet.

    A fatal error, so a step that uses it fails at once instead of being retried, and
    a worker buries a message that leads to it.
    """


class Refused(sdk.FatalError, sdk.WorkflowWorldError):
    """A call that is malformed, too large or over a limit, and will stay so.

    Fatal like ``Unsupported``: no repetition can make it succeed.
    """


class AttributesRefused(Refused, sdk.AttributeValidationError):
    """Attributes over a limit that the SDK could not check by itself."""


def lacks(feature: str) -> Unsupported:
    """The sentence for a feature that is not there yet."""
    return Unsupported(f"{feature} are not supported by this version of workflow-pg")


def translate(
    error: errors.Refusal, event_type: str = "", correlation_id: str | None = None
) -> Exception:
    """What to raise in place of a refusal.

    Args:
        error: The refusal.
        event_type: Type of the event that was refused; empty for other calls.
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
        if event_type in {"run_started", ""}:
            # A read: its payloads were purged.
            return sdk.RunExpiredError(message, status=410)
        if event_type == "hook_received":
            return sdk.HookNotFoundError(hook_id=correlation_id)
        return sdk.EntityConflictError(message)
    if isinstance(error, errors.HistoryCut):
        return sdk.WorkflowWorldError(message, status=409)
    if isinstance(error, errors.Conflict):
        if event_type == "hook_received":
            return sdk.HookResumeConflictError(message)
        return sdk.EntityConflictError(message)
    kind = AttributesRefused if _is_about_attributes(error) else Refused
    return kind(message, status=int(error.sqlstate[2:]), code=error.sqlstate)


def _is_about_attributes(error: errors.Refusal) -> bool:
    is_limit = isinstance(error, errors.LimitExceeded)
    return is_limit and error.detail.get("argument") == "attributes"


def hopeless_cause(error: BaseException) -> Unsupported | Refused | None:
    """What makes handling a message again useless, or None when it may help.

    The SDK's task groups wrap exceptions in groups.
    """
    if isinstance(error, BaseExceptionGroup):
        inner = cast("BaseExceptionGroup[BaseException]", error).exceptions
        return next(filter(None, map(hopeless_cause, inner)), None)
    return error if isinstance(error, Unsupported | Refused) else None
