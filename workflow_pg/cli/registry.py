"""Finds the registry that MODULE:REGISTRY names, or says why there is none."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
import traceback
from types import ModuleType
from typing import TYPE_CHECKING

from workflow_pg.cli.output import CommandError, ExitCode

if TYPE_CHECKING:
    from vercel.workflow import Workflows

__all__ = ["check_app", "load_registry"]


def check_app(app: str) -> None:
    """Refuse what is no app, as far as that can be said without importing it.

    Args:
        app: ``module:attribute``; the module is looked for in the current directory
            first, as ``python -m`` does.

    Raises:
        CommandError: The name is malformed, or the SDK or the module is not there.
    """
    module_name, _ = _parts(app)
    try:
        from workflow_pg.sdk.version import check_sdk_version

        check_sdk_version()
    except ImportError as error:
        raise CommandError(str(error), code=ExitCode.USAGE) from error
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        # Imports the packages that the module is in, if any, and not the module.
        found = importlib.util.find_spec(module_name)
    except (Exception, SystemExit) as error:
        raise _failure(module_name, error) from error
    if found is None:
        raise _no_module(module_name)


def load_registry(app: str) -> Workflows:
    """Import an app and take its registry.

    Raises:
        CommandError: As for ``check_app``; or the module cannot be imported, or has
            no registry of this name, or one without a workflow.
    """
    check_app(app)
    from vercel.workflow import Workflows

    from workflow_pg.sdk._compat import workflow_names

    module_name, attribute = _parts(app)
    module = _imported(module_name)
    registry = getattr(module, attribute, None)
    if not isinstance(registry, Workflows):
        names = [n for n, value in vars(module).items() if isinstance(value, Workflows)]
        advice = f"it has {', '.join(names)}" if names else "write `wf = Workflows()`"
        raise CommandError(
            f"Module {module_name} has no registry {attribute}: {advice}.",
            code=ExitCode.NOT_FOUND,
        )
    if not workflow_names(registry):
        raise CommandError(
            f"Registry {app} has no workflow: decorate one with @{attribute}.workflow.",
            code=ExitCode.NOT_FOUND,
        )
    return registry


def _parts(app: str) -> tuple[str, str]:
    module_name, _, attribute = app.partition(":")
    names = [*module_name.split("."), attribute]
    if not all(name.isidentifier() for name in names):
        raise CommandError(
            f"{app!r} names no registry: write MODULE:REGISTRY, like shop:wf.",
            code=ExitCode.USAGE,
        )
    return module_name, attribute


def _imported(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:
        raise _failure(name, error) from error


def _failure(name: str, error: BaseException) -> CommandError:
    absent = error.name if isinstance(error, ModuleNotFoundError) else None
    # Itself or a package around it; what the app needs is another matter.
    if absent is not None and f"{name}.".startswith(f"{absent}."):
        return _no_module(absent)
    words = traceback.format_exception_only(error)[-1].strip()
    file, line = _place(error)
    return CommandError(
        f"Module {name} cannot be imported: {words} ({file}, line {line}).",
        code=ExitCode.USAGE,
    )


def _place(error: BaseException) -> tuple[str | None, int | None]:
    if isinstance(error, SyntaxError):
        return error.filename, error.lineno
    last = traceback.extract_tb(error.__traceback__)[-1]
    return last.filename, last.lineno


def _no_module(name: str) -> CommandError:
    return CommandError(
        f"There is no module {name} in {os.getcwd()} or among the installed ones:"
        " look at the name, or change to the directory of the app.",
        code=ExitCode.NOT_FOUND,
    )
