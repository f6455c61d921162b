"""Connection strings, read with care: there is a password in them."""

from __future__ import annotations

from typing import Any

__all__ = ["read_dsn"]


def read_dsn(dsn: str) -> dict[str, Any]:
    """Read a connection string into its parts.

    Raises:
        ValueError: It cannot be read; the message does not repeat it.
    """
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    try:
        given = conninfo_to_dict(dsn)
    except (psycopg.Error, UnicodeEncodeError):
        given = {"port": "unreadable"}
    # Also when a password with a slash in it is taken for a port. The driver repeats
    # in its message what it cannot read, and with it the password.
    ports = str(given.get("port") or "").split(",")
    if any(port and not port.isdecimal() for port in ports):
        raise ValueError(
            "The DSN is not a connection string: write it as"
            " postgresql://user@host:5432/database or as host=... dbname=..., and"
            " percent-encode special characters in a URL."
        )
    return given
