"""The statements that take runs and streams out of another database into ours."""

from __future__ import annotations

from typing import Final

from workflow_pg.calls.call import Statement, one, truth
from workflow_pg.models import ImportReply
from workflow_pg.rows import IMPORT_REPLY

IMPORT_RUN: Final[Statement[ImportReply]] = one(
    IMPORT_REPLY,
    """workflow_pg.import_run(
        p_document => %(document)s,
        p_payloads => %(payloads)b,
        p_deployment_id => %(deployment_id)s,
        p_namespace => %(namespace)s)""",
)

IMPORT_STREAM: Final[Statement[bool]] = truth(
    """workflow_pg.import_stream(
        p_run_id => %(run_id)s,
        p_name => %(name)s,
        p_first_index => %(first_index)s::bigint,
        p_chunks => %(chunks)b,
        p_created_at => %(created_at)s,
        p_closed_at => %(closed_at)s)"""
)
