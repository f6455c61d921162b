"""Spans of time in words."""

from __future__ import annotations

from datetime import timedelta

__all__ = ["age_words"]

_UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def age_words(age: timedelta | None) -> str:
    """A span in its two greatest units, ``2 h 5 min``; nothing for None."""
    if age is None:
        return ""
    left = max(0, int(age.total_seconds()))
    words: list[str] = []
    for seconds, unit in _UNITS:
        count, left = divmod(left, seconds)
        if count:
            words.append(f"{count} {unit}")
    return " ".join(words[:2]) or "0 s"
