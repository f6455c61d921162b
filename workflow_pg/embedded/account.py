"""Under which operating-system user the server runs: PostgreSQL refuses root."""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass

from workflow_pg.embedded.errors import EmbeddedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The user that runs the server's programs and owns its data."""

    name: str
    uid: int
    gid: int

    @property
    def is_other(self) -> bool:
        """Whether it is another user than ours, to whom we must switch."""
        return self.uid != os.geteuid()


def server_account() -> Account:
    """Our own user, or for root an existing user without rights."""
    if (uid := os.geteuid()) != 0:
        return Account(name=str(uid), uid=uid, gid=os.getegid())
    for name in ("nobody", "postgres", "daemon"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name=name, uid=entry.pw_uid, gid=entry.pw_gid)
    raise EmbeddedError(
        "PostgreSQL does not run as root, and this machine has no user 'nobody' to run"
        " it as: start this program as an ordinary user."
    )
