"""The statements around a call inside a transaction that is not ours.

A refusal undoes the call and leaves the transaction usable.
"""

from __future__ import annotations

from typing import Final

SET: Final = b"savepoint workflow_pg"
ROLL_BACK: Final = b"rollback to savepoint workflow_pg"
RELEASE: Final = b"release savepoint workflow_pg"
