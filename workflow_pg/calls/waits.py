"""The statements of waits."""

from __future__ import annotations

from typing import Final

from workflow_pg.calls.call import Statement, each, one
from workflow_pg.models import AppendReply, Wait
from workflow_pg.rows import APPEND_REPLY, WAIT

CREATE_WAIT: Final[Statement[AppendReply]] = one(
    APPEND_REPLY,
    """workflow_pg.create_wait(
        p_run_id => %(run_id)s,
        p_wait_id => %(wait_id)s,
        p_resume_at => %(resume_at)s,
        p_spec_version => %(spec_version)s::integer,
        p_dedup_key => %(dedup_key)s,
        p_lease_token => %(lease_token)s,
        p_wake => %(wake)s)""",
)

COMPLETE_WAIT: Final[Statement[AppendReply]] = one(
    APPEND_REPLY,
    """workflow_pg.complete_wait(
        p_run_id => %(run_id)s,
        p_wait_id => %(wait_id)s,
        p_spec_version => %(spec_version)s::integer,
        p_dedup_key => %(dedup_key)s,
        p_lease_token => %(lease_token)s,
        p_wake => %(wake)s)""",
)

COMPLETE_ELAPSED_WAITS: Final[Statement[list[AppendReply]]] = each(
    APPEND_REPLY,
    """workflow_pg.complete_elapsed_waits(
        p_run_id => %(run_id)s,
        p_spec_version => %(spec_version)s::integer,
        p_lease_token => %(lease_token)s,
        p_wake => %(wake)s)""",
)

LIST_WAITS: Final[Statement[list[Wait]]] = each(
    WAIT,
    """workflow_pg.list_waits(
        p_run_id => %(run_id)s,
        p_limit => %(limit)s::integer,
        p_descending => %(descending)s,
        p_cursor => %(cursor)s)""",
)
