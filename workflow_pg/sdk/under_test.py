"""What tests put in the place of `use_postgres`; nothing else ever sets this."""

from __future__ import annotations

has_world: bool = False
"""A test has installed its World: `use_postgres` leaves it there."""

default_dsn: str | None = None
"""Where there is no database, so that an app can be imported before a test has one."""
