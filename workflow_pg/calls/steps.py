"""The statements of steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from workflow_pg.calls.call import Statement, each, one
from workflow_pg.models import AppendOutcome, AppendReply, NewStep, Step
from workflow_pg.rows import APPEND_OUTCOME, APPEND_REPLY, STEP

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

CREATE_STEPS: Final[Statement[list[AppendOutcome]]] = each(
    APPEND_OUTCOME,
    """workflow_pg.create_steps(
        p_run_id => %(run_id)s,
        p_step_ids => %(step_ids)s::text[],
        p_step_names => %(step_names)s::text[],
        p_inputs => %(inputs)b,
        p_codec => %(codec)s,
        p_spec_version => %(spec_version)s::integer,
        p_dedup_key => %(dedup_key)s,
        p_all_or_nothing => %(all_or_nothing)s)""",
)

ADVANCE: Final[Statement[AppendReply]] = one(
    APPEND_REPLY,
    """workflow_pg.advance(
        p_run_id => %(run_id)s,
        p_step_id => %(step_id)s,
        p_result => %(result)b,
        p_next_step_id => %(next_step_id)s,
        p_next_step_name => %(next_step_name)s,
        p_next_input => %(next_input)b,
        p_codec => %(codec)s,
        p_spec_version => %(spec_version)s::integer,
        p_dedup_key => %(dedup_key)s,
        p_lease_token => %(lease_token)s,
        p_wake => %(wake)s,
        p_hold => %(hold)s)""",
)

START_STEP: Final[Statement[Step]] = one(
    STEP,
    """workflow_pg.start_step(
        p_run_id => %(run_id)s,
        p_step_id => %(step_id)s,
        p_spec_version => %(spec_version)s::integer,
        p_dedup_key => %(dedup_key)s,
        p_owner_message_id => %(owner_message_id)s)""",
)

START_NEW_STEP: Final[Statement[Step]] = one(
    STEP,
    """workflow_pg.start_new_step(
        p_run_id => %(run_id)s,
        p_step_id => %(step_id)s,
        p_step_name => %(step_name)s,
        p_input => %(input)b,
        p_codec => %(codec)s,
        p_owner_message_id => %(owner_message_id)s,
        p_spec_version => %(spec_version)s::integer,
        p_dedup_key => %(dedup_key)s,
        p_hold => %(hold)s)""",
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
        p_limit => %(limit)s::integer,
        p_descending => %(descending)s,
        p_with_payloads => %(with_payloads)s,
        p_cursor => %(cursor)s)""",
)


def as_arrays(steps: Sequence[NewStep]) -> dict[str, object]:
    """What ``CREATE_STEPS`` takes for its steps: parallel arrays."""
    return {
        "step_ids": [step.step_id for step in steps],
        "step_names": [step.step_name for step in steps],
        "inputs": [step.input for step in steps] or None,
    }
