"""The command `workflow-pg`."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["main"]

INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Args:
        argv: the words after the command's name; those of the process when None.
    """
    try:
        # Here, so that Ctrl-C ends it in silence while modules are being loaded, too.
        from workflow_pg.cli.running import run

        return run(argv)
    except KeyboardInterrupt:
        return INTERRUPTED
