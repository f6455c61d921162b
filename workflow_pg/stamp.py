"""Does what is installed agree with what a package carries?"""

from __future__ import annotations

import re

from workflow_pg.errors import SchemaUnusable
from workflow_pg.migrate.files import Stamp
from workflow_pg.models import SchemaStamp

__all__ = ["judge"]

_RELEASE = re.compile(r"\d+(?:\.\d+)*")


def judge(installed: SchemaStamp, packaged: Stamp, version: str) -> None:
    """Compare what is installed with what a package of some version carries.

    Raises:
        SchemaUnusable: They differ; the sentence says how and what to do.
    """
    applied, known = installed.migration, packaged.migration
    if installed.state != "ready":
        raise SchemaUnusable(
            f"Schema workflow_pg is half-migrated, at migration {applied}: wait for"
            " the migration that is running, or, if none is, run"
            " `workflow-pg migrate up` again."
        )
    if applied < known:
        raise SchemaUnusable(
            f"Schema workflow_pg is older than this workflow-pg {version}: it is at"
            f" migration {applied} of {known}; run `workflow-pg migrate up`."
        )
    if applied > known:
        raise SchemaUnusable(
            f"Schema workflow_pg is newer than this workflow-pg {version}: it is at"
            f" migration {applied}, and this one knows {known}; upgrade the package"
            f" to {installed.tool_version} or newer."
        )
    if installed.sql_checksum == packaged.sql_checksum:
        return
    if _release(installed.tool_version) > _release(version):
        raise SchemaUnusable(
            f"The functions of schema workflow_pg are newer than this workflow-pg"
            f" {version}: upgrade the package to {installed.tool_version} or newer."
        )
    raise SchemaUnusable(
        f"The functions of schema workflow_pg are older than this workflow-pg"
        f" {version}, or not those it carries: run `workflow-pg migrate up`."
    )


def _release(version: str) -> tuple[int, ...]:
    release = _RELEASE.match(version)
    return tuple(map(int, release[0].split("."))) if release else ()
