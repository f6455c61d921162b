"""The statements of steps."""

from __future__ import annotations

from typing import Final

from workflow_pg.calls.call import Statement, each, one
from workflow_pg.models import AppendReply, Step
from workflow_pg.rows import APPEND_REPLY, STEP

CREATE_STEP: Final[Statement[AppendReply]] = one(
    APPEND_REPLY,
    """workflow_pg.create_step(
        p_run_id => %(run_id)s,
        p_step_id => %(step_id)s,
        p_step_name => %(step_name)s,
        p_input => %(input)b,
        p_codec => %(codec)s,
        p_spec_version => %(spec_version)s::integer,
        p_dedup_key => %(dedup_key)s)""",
)

START_STEP: Final[Statement[Step]] = one(
    STEP,
    """workflow_pg.start_step(
        p_run_id => %(run_id)s,
        p_step_id => %(step_id)s,
        p_spec_version => %(spec_version)s::integer,
        p_dedup_key => %(dedup_key)s)""",
)

RETRY_STEP: Final[Statement[AppendReply]] = one(
    APPEND_REPLY,
    """workflow_pg.retry_step(
        p_run_id => %(run_id)s,
        p_step_id => %(step_id)s,
        p_error => %(error)b,
        p_codec => %(codec)s,
        p_retry_after => %(retry_after)s,
        p_spec_version => %(spec_version)s::integer,
        p_dedup_key => %(dedup_key)s,
        p_lease_token => %(lease_token)s)""",
)

COMPLETE_STEP: Final[Statement[AppendReply]] = one(
    APPEND_REPLY,
    """workflow_pg.complete_step(
        p_run_id => %(run_id)s,
        p_step_id => %(step_id)s,
        p_result => %(result)b,
        p_codec => %(codec)s,
        p_spec_version => %(spec_version)s::integer,
        p_dedup_key => %(dedup_key)s,
        p_lease_token => %(lease_token)s,
        p_wake => %(wake)s)""",
)

FAIL_STEP: Final[Statement[AppendReply]] = one(
    APPEND_REPLY,
    """workflow_pg.fail_step(
        p_run_id => %(run_id)s,
        p_step_id => %(step_id)s,
        p_error => %(error)b,
        p_codec => %(codec)s,
        p_spec_version => %(spec_version)s::integer,
        p_dedup_key => %(dedup_key)s,
        p_lease_token => %(lease_token)s,
        p_wake => %(wake)s)""",
)

GET_STEP: Final[Statement[Step]] = one(
    STEP,
    """workflow_pg.get_step(
        p_run_id => %(run_id)s,
        p_step_id => %(step_id)s,
        p_with_input => %(with_input)s,
        p_with_outcome => %(with_outcome)s)""",
)

LIST_STEPS: Final[Statement[list[Step]]] = each(
    STEP,
    """workflow_pg.list_steps(
        p_run_id => %(run_id)s,
        p_after => %(after)s,
        p_limit => %(limit)s::integer)""",
)
