"""A helper module of apps: where errors come from, and who asks for metadata."""

from __future__ import annotations

from vercel.workflow import get_step_metadata, get_workflow_metadata


def break_in_a_helper(where: str) -> None:
    """Raise, one function further down."""
    really_break(where)


def really_break(where: str) -> None:
    """Raise."""
    raise ValueError(f"broken {where}")


def who() -> list[str]:
    """The ids of whoever calls, as a helper reads them."""
    return [get_workflow_metadata().run_id, get_step_metadata().step_id]
