"""The statements of runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, LiteralString

from psycopg.types.json import Jsonb

from workflow_pg.calls.call import (
    Statement,
    column,
    each,
    each_or_none,
    nothing,
    one,
    texts,
)
from workflow_pg.models import (
    AppendOutcome,
    AppendReply,
    CancelOutcome,
    NewRun,
    Reason,
    Run,
)
from workflow_pg.rows import (
    APPEND_OUTCOME,
    APPEND_REPLY,
    CANCEL_OUTCOME,
    REASON,
    RUN,
)

CREATE_RUN: Final[Statement[AppendReply]] = one(
    APPEND_REPLY,
    """workflow_pg.create_run(
        p_run_id => %(run_id)s,
        p_workflow_name => %(workflow_name)s,
        p_input => %(input)b,
        p_codec => %(codec)s,
        p_deployment_id => %(deployment_id)s,
        p_execution_context => %(execution_context)s,
        p_encryption_public_key => %(encryption_public_key)s,
        p_attributes => %(attributes)s,
        p_allow_reserved => %(allow_reserved)s,
        p_spec_version => %(spec_version)s::integer,
        p_dedup_key => %(dedup_key)s)""",
)

CREATE_KEYED_RUN: Final[Statement[AppendReply]] = one(
    APPEND_REPLY,
    """workflow_pg.create_keyed_run(
        p_start_key => %(start_key)s,
        p_workflow_name => %(workflow_name)s,
        p_input => %(input)b,
        p_policy => %(policy)s,
        p_scope => %(scope)s,
        p_ttl => %(ttl)s,
        p_input_digest => %(input_digest)b,
        p_former_digest => %(former_digest)b,
        p_run_id => %(run_id)s,
        p_codec => %(codec)s,
        p_deployment_id => %(deployment_id)s,
        p_execution_context => %(execution_context)s,
        p_encryption_public_key => %(encryption_public_key)s,
        p_attributes => %(attributes)s,
        p_allow_reserved => %(allow_reserved)s,
        p_spec_version => %(spec_version)s::integer,
        p_dedup_key => %(dedup_key)s)""",
)

CREATE_RUNS: Final[Statement[list[AppendOutcome]]] = each(
    APPEND_OUTCOME,
    """workflow_pg.create_runs(
        p_run_ids => %(run_ids)s::text[],
        p_workflow_names => %(workflow_names)s::text[],
        p_inputs => %(inputs)b,
        p_codec => %(codec)s,
        p_deployment_id => %(deployment_id)s,
        p_execution_context => %(execution_context)s,
        p_attributes => %(attributes)s::jsonb[],
        p_allow_reserved => %(allow_reserved)s,
        p_spec_version => %(spec_version)s::integer)""",
)

START_RUN: Final[Statement[Run]] = one(
    RUN,
    """workflow_pg.start_run(
        p_run_id => %(run_id)s,
        p_workflow_name => %(workflow_name)s,
        p_input => %(input)b,
        p_codec => %(codec)s,
        p_deployment_id => %(deployment_id)s,
        p_execution_context => %(execution_context)s,
        p_encryption_public_key => %(encryption_public_key)s,
        p_attributes => %(attributes)s,
        p_allow_reserved => %(allow_reserved)s,
        p_spec_version => %(spec_version)s::integer,
        p_dedup_key => %(dedup_key)s)""",
)

COMPLETE_RUN: Final[Statement[AppendReply]] = one(
    APPEND_REPLY,
    """workflow_pg.complete_run(
        p_run_id => %(run_id)s,
        p_output => %(output)b,
        p_codec => %(codec)s,
        p_spec_version => %(spec_version)s::integer,
        p_dedup_key => %(dedup_key)s)""",
)

FAIL_RUN: Final[Statement[AppendReply]] = one(
    APPEND_REPLY,
    """workflow_pg.fail_run(
        p_run_id => %(run_id)s,
        p_error => %(error)b,
        p_codec => %(codec)s,
        p_error_code => %(error_code)s,
        p_spec_version => %(spec_version)s::integer,
        p_dedup_key => %(dedup_key)s)""",
)

CANCEL_RUN: Final[Statement[AppendReply]] = one(
    APPEND_REPLY,
    """workflow_pg.cancel_run(
        p_run_id => %(run_id)s,
        p_reason => %(reason)s,
        p_spec_version => %(spec_version)s::integer,
        p_dedup_key => %(dedup_key)s)""",
)

CANCEL_RUNS: Final[Statement[list[CancelOutcome]]] = each(
    CANCEL_OUTCOME,
    """workflow_pg.cancel_runs(
        p_run_ids => %(run_ids)s::text[],
        p_reason => %(reason)s,
        p_spec_version => %(spec_version)s::integer)""",
)

SET_ATTRIBUTES: Final[Statement[AppendReply]] = one(
    APPEND_REPLY,
    """workflow_pg.set_attributes(
        p_run_id => %(run_id)s,
        p_changes => %(changes)s,
        p_writer => %(writer)s,
        p_correlation_id => %(correlation_id)s,
        p_step_id => %(step_id)s,
        p_attempt => %(attempt)s::integer,
        p_allow_reserved => %(allow_reserved)s,
        p_spec_version => %(spec_version)s::integer,
        p_dedup_key => %(dedup_key)s)""",
)

GET_RUN: Final[Statement[Run]] = one(
    RUN,
    """workflow_pg.get_run(
        p_run_id => %(run_id)s,
        p_with_input => %(with_input)s,
        p_with_outcome => %(with_outcome)s)""",
)

GET_RUNS: Final[Statement[list[Run | None]]] = each_or_none(
    RUN,
    """workflow_pg.get_runs(
        p_run_ids => %(run_ids)s::text[],
        p_with_payloads => %(with_payloads)s)""",
)

LIST_RUNS: Final[Statement[list[Run]]] = each(
    RUN,
    """workflow_pg.list_runs(
        p_status => %(status)s,
        p_workflow_name => %(workflow_name)s,
        p_deployment_id => %(deployment_id)s,
        p_only_live => %(only_live)s,
        p_attributes => %(attributes)s,
        p_limit => %(limit)s::integer,
        p_before => %(before)s,
        p_before_run_id => %(before_run_id)s,
        p_statuses => %(statuses)s::text[]::workflow_pg.run_status[],
        p_since => %(since)s,
        p_ascending => %(ascending)s,
        p_with_payloads => %(with_payloads)s,
        p_cursor => %(cursor)s)""",
)

ANNOUNCE_WAITERS: Final[Statement[set[str]]] = texts(
    """workflow_pg.announce_waiters(
        p_waiter_ids => %(waiter_ids)s,
        p_run_ids => %(run_ids)s,
        p_hints_for => %(hints_for)s)""",
)

WITHDRAW_WAITERS: Final[Statement[None]] = nothing(
    """workflow_pg.withdraw_waiters(
        p_waiter_ids => %(waiter_ids)s,
        p_run_ids => %(run_ids)s)""",
)

# Asks for the hints that announced waiters are sent; not through a pooler.
LISTEN_RUNS: Final[LiteralString] = "listen workflow_pg_runs"

WHY: Final[Statement[list[Reason]]] = each(
    REASON, "workflow_pg.why(p_run_id => %(run_id)s)"
)


def as_changes(attributes: Mapping[str, str | None]) -> Jsonb:
    """What ``SET_ATTRIBUTES`` takes: an array, in which None is kept."""
    return Jsonb([{"key": key, "value": value} for key, value in attributes.items()])


def as_arrays(runs: Sequence[NewRun]) -> dict[str, object]:
    """What ``CREATE_RUNS`` takes for its runs: parallel arrays."""
    return {
        "run_ids": [run.run_id for run in runs],
        "workflow_names": [run.workflow_name for run in runs],
        "inputs": [run.input for run in runs] or None,
        "attributes": column(run.attributes for run in runs),
    }
