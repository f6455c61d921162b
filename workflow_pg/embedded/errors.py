"""The one error of the embedded server."""

from __future__ import annotations


class EmbeddedError(RuntimeError):
    """The embedded server cannot do what was asked; the message is one sentence."""
