"""The command line: which commands there are, and what all of them share.

A module of commands has a function `add(subparsers)` that calls `add_command` for each
of its commands. It imports what a command needs inside the handler, so that `--help`
and every other command start fast.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from importlib import import_module
from typing import NoReturn, Protocol

from workflow_pg.cli.output import CommandError, ExitCode, brief

__all__ = [
    "MODULES",
    "Handler",
    "Subparsers",
    "add_command",
    "add_group",
    "build_parser",
    "check_dsn",
    "dsn_of",
]

MODULES = (
    "workflow_pg.cli.events",
    "workflow_pg.cli.migrate",
    "workflow_pg.cli.runs",
    "workflow_pg.cli.hooks",
    "workflow_pg.cli.streams",
    "workflow_pg.cli.worker",
    "workflow_pg.cli.queue",
    "workflow_pg.cli.health",
    "workflow_pg.cli.imports",
)

Handler = Callable[[argparse.Namespace], int]


class Subparsers(Protocol):
    """What argparse gives to add commands to."""

    def add_parser(
        self,
        name: str,
        *,
        help: str,
        description: str,
        formatter_class: type[argparse.HelpFormatter],
        allow_abbrev: bool,
    ) -> argparse.ArgumentParser:
        """Add one command."""
        ...


class _Module(Protocol):
    def add(self, subparsers: Subparsers) -> None: ...


class _Parser(argparse.ArgumentParser):
    """One that repeats nothing long, and nothing that a terminal would obey."""

    def error(self, message: str) -> NoReturn:
        super().error(brief(message))


class _Version(argparse.Action):
    """Prints the version. Looks it up only then: that reads files."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        from workflow_pg.migrate.files import tool_version

        print(f"workflow-pg {tool_version()}")
        parser.exit()


def build_parser() -> argparse.ArgumentParser:
    """Put the whole command line together."""
    parser = _Parser(
        prog="workflow-pg",
        description="Durable workflows with nothing but PostgreSQL.",
        epilog=_epilog(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--version", action=_Version, nargs=0, help="print the version and exit"
    )
    subparsers = parser.add_subparsers(
        title="commands", metavar="COMMAND", required=True
    )
    for name in MODULES:
        module: _Module = import_module(name)  # type: ignore[assignment]
        module.add(subparsers)
    return parser


def add_group(subparsers: Subparsers, name: str, *, help: str) -> Subparsers:
    """Add a command that has commands of its own; what to add them to.

    Args:
        subparsers: what `add` was given.
        name: what people type.
        help: one line for the list of commands.
    """
    group = subparsers.add_parser(
        name,
        help=help,
        description=f"{help[0].upper()}{help[1:]}.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    return group.add_subparsers(title="commands", metavar="COMMAND", required=True)


def add_command(
    subparsers: Subparsers,
    name: str,
    handler: Handler,
    *,
    help: str,
    description: str = "",
    needs_database: bool = True,
    has_json: bool = True,
) -> argparse.ArgumentParser:
    """Add a command with the options that most of them have.

    Args:
        subparsers: what `add` was given.
        name: what people type.
        handler: does it; gets the arguments, returns an ExitCode.
        help: one line for the list of commands.
        description: what its own `--help` says; `help` again when empty.
        needs_database: whether it has `--dsn`.
        has_json: whether it has `--json` and `--plain`.
    """
    parser = subparsers.add_parser(
        name,
        help=help,
        description=description or f"{help[0].upper()}{help[1:]}.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.set_defaults(handler=handler)
    if needs_database:
        parser.add_argument(
            "--dsn",
            help="connection string; else WORKFLOW_PG_DSN, else the development"
            " server of this directory",
        )
    if has_json:
        shown = parser.add_mutually_exclusive_group()
        shown.add_argument(
            "--json", action="store_true", help="print JSON instead of text"
        )
        shown.add_argument(
            "--plain",
            action="store_true",
            help="print plain text in a terminal, too, as with NO_COLOR",
        )
    return parser


def dsn_of(arguments: argparse.Namespace) -> str:
    """Say which database is meant.

    Raises:
        CommandError: no database is named, by any of the three ways, or not in a
            form that can be read.
    """
    from workflow_pg.embedded import named_dsn

    if arguments.dsn == "":
        raise CommandError(
            "--dsn is empty: name a database, or leave it out.", code=ExitCode.USAGE
        )
    dsn = named_dsn(arguments.dsn)
    if not dsn:
        raise CommandError(
            "No database is named: pass --dsn, or set WORKFLOW_PG_DSN, or start this"
            " directory's development server with `workflow-pg dev`.",
            code=ExitCode.USAGE,
        )
    check_dsn(dsn)
    # Whoever reports an error later has to know which password to leave out.
    arguments.dsn = dsn
    return dsn


def check_dsn(dsn: str, *, option: str = "The DSN") -> None:
    """Refuse a text that is no connection string.

    Raises:
        CommandError: it is none. The option is named; the text, and a password in it,
            are not repeated.
    """
    from workflow_pg.dsn import read_dsn

    try:
        read_dsn(dsn)
    except ValueError as error:
        sentence = str(error).replace("The DSN", option, 1)
        raise CommandError(sentence, code=ExitCode.USAGE) from None


def _epilog() -> str:
    codes = "\n".join(f"  {code.value:<4}{code.words}" for code in ExitCode)
    return (
        "The database is the one of --dsn, else of WORKFLOW_PG_DSN, else the\n"
        "development server of this directory.\n\n"
        f"exit codes:\n{codes}"
    )
