"""Finds the command that is meant, runs it, and ends well."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from workflow_pg.cli.output import CommandError, ExitCode, use_plain, write_error
from workflow_pg.cli.parser import build_parser

if TYPE_CHECKING:
    from workflow_pg.cli.parser import Handler
    from workflow_pg.migrate import MigrationError

__all__ = ["run", "run_handler"]

# No such function, schema or table: not migrated, or migrated further meanwhile.
_SCHEMA_UNUSABLE = {"42883", "3F000", "42P01"}
_NOT_GRANTED = "42501"

_REFUSALS = {"WF400": ExitCode.USAGE, "WF404": ExitCode.NOT_FOUND}

_UNWRITTEN = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


def run(argv: Sequence[str] | None = None) -> int:
    """As `workflow_pg.cli.main`; what is broken off before it has begun raises."""
    try:
        arguments = build_parser().parse_args(argv)
    except SystemExit as end:
        # argparse has said why: 2 for a wrong command line, 0 for --help.
        return int(end.code or 0)
    handler: Handler = arguments.handler
    use_plain(is_plain=getattr(arguments, "plain", False))
    return run_handler(
        lambda: handler(arguments),
        dsn=lambda: str(getattr(arguments, "dsn", None) or ""),
    )


def run_handler(handle: Callable[[], int], *, dsn: Callable[[], str]) -> int:
    """Do what a command does; every way to end badly is a sentence and a code.

    Args:
        handle: Does it; returns an exit code.
        dsn: Says which database was meant, whose password is left out of the sentence.
    """
    try:
        code = int(handle())
        # Here and not at exit, where nobody would catch what it raises.
        sys.stdout.flush()
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # `workflow-pg ... | head` is no error.
        _forget_output()
        return ExitCode.OK
    except Exception as error:
        if isinstance(error, OSError) and _is_of_output(error):
            _forget_output()
            write_error(f"The output cannot be written: {error.strerror}.")
            return ExitCode.UNWRITTEN
        ending = _ending(error, dsn())
        if ending is None:
            raise
        write_error(str(ending))
        return ending.code
    return code


def _is_of_output(error: OSError) -> bool:
    """Whether it is standard output that cannot be written to: it has no name."""
    return error.errno in _UNWRITTEN and error.filename is None


def _forget_output() -> None:
    """Let what is left be flushed into nothing at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _ending(error: Exception, dsn: str) -> CommandError | None:
    """Say why a command ended and with which code; None when it is a bug of ours."""
    # Imported here, because nobody needs them while all goes well.
    from workflow_pg.embedded import EmbeddedError
    from workflow_pg.errors import BadKeys, SchemaUnusable, Unreachable
    from workflow_pg.migrate.errors import MigrationError

    if isinstance(error, CommandError):
        return error
    if isinstance(error, MigrationError):
        return CommandError(str(error), code=_migration_code(error))
    if isinstance(error, BadKeys):
        return CommandError(str(error), code=ExitCode.USAGE)
    if isinstance(error, (EmbeddedError, SchemaUnusable, Unreachable)):
        return CommandError(str(error), code=ExitCode.UNUSABLE)
    return _database_ending(error, dsn)


def _migration_code(error: MigrationError) -> ExitCode:
    from workflow_pg.migrate import errors

    codes: dict[type[MigrationError], ExitCode] = {
        errors.BadDsn: ExitCode.USAGE,
        errors.DatabaseUnreachable: ExitCode.UNUSABLE,
        errors.UnknownName: ExitCode.NOT_FOUND,
    }
    return codes.get(type(error), ExitCode.REFUSED)


def _database_ending(error: Exception, dsn: str) -> CommandError | None:
    sqlstate = getattr(error, "sqlstate", None)
    if isinstance(sqlstate, str) and sqlstate.startswith("WF"):
        code = _REFUSALS.get(sqlstate, ExitCode.REFUSED)
        hint = getattr(error, "hint", None)
        words = _message(error)
        return CommandError(f"{words}. {hint}" if hint else words, code=code)
    driver = sys.modules.get("psycopg")
    if driver is None or not isinstance(error, driver.Error):
        return None
    from workflow_pg.migrate.database import redacted

    words = redacted(_message(error), dsn)
    if sqlstate == _NOT_GRANTED:
        return CommandError(
            f"This login may not do that: {words}; let the one that installed the"
            " schema run `workflow-pg migrate grant`.",
            code=ExitCode.UNUSABLE,
        )
    if sqlstate in _SCHEMA_UNUSABLE:
        return CommandError(
            f"The schema cannot be used: {words}; see `workflow-pg migrate status`.",
            code=ExitCode.UNUSABLE,
        )
    if isinstance(error, driver.OperationalError):
        return CommandError(
            f"The database cannot be reached: {words}", code=ExitCode.UNUSABLE
        )
    return None


def _message(error: Exception) -> str:
    diag = getattr(error, "diag", None)
    primary = getattr(diag, "message_primary", None)
    return str(primary or " ".join(str(error).split()))
