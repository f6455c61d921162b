"""The statements of the queue, its workers and its housekeeping."""

from __future__ import annotations

from typing import Final, LiteralString

from workflow_pg.calls.call import Statement, each, nothing, one, text, texts
from workflow_pg.models import Delivery, Maintenance, PurgePage, Violation
from workflow_pg.rows import DELIVERY, MAINTENANCE, PURGE_PAGE, VIOLATION

SEND_MESSAGE: Final[Statement[str]] = text(
    """workflow_pg.send_message(
        p_run_id => %(run_id)s,
        p_kind => %(kind)s,
        p_message_id => %(message_id)s,
        p_queue_name => %(queue_name)s,
        p_step_id => %(step_id)s,
        p_body => %(body)b,
        p_codec => %(codec)s,
        p_idempotency_key => %(idempotency_key)s,
        p_deployment_id => %(deployment_id)s,
        p_delay => %(delay)s)""",
)

WITHDRAW_PROBE: Final[Statement[None]] = nothing(
    "workflow_pg.withdraw_probe(p_run_id => %(run_id)s)"
)

CLAIM_MESSAGES: Final[Statement[list[Delivery]]] = each(
    DELIVERY,
    """workflow_pg.claim_messages(
        p_worker_id => %(worker_id)s,
        p_workflows => %(workflows)s,
        p_steps => %(steps)s,
        p_limit => %(limit)s::integer,
        p_deployment_id => %(deployment_id)s,
        p_namespace => %(namespace)s,
        p_lease => %(lease)s,
        p_max_deliveries => %(max_deliveries)s::integer)""",
)

RENEW_LEASES: Final[Statement[set[str]]] = texts(
    """workflow_pg.renew_leases(
        p_run_ids => %(run_ids)s,
        p_message_ids => %(message_ids)s,
        p_lease_tokens => %(lease_tokens)s,
        p_lease => %(lease)s)""",
)

ACK_MESSAGE: Final[Statement[None]] = nothing(
    """workflow_pg.ack_message(
        p_run_id => %(run_id)s,
        p_message_id => %(message_id)s,
        p_lease_token => %(lease_token)s)""",
)

RESCHEDULE_MESSAGE: Final[Statement[None]] = nothing(
    """workflow_pg.reschedule_message(
        p_run_id => %(run_id)s,
        p_message_id => %(message_id)s,
        p_lease_token => %(lease_token)s,
        p_delay => %(delay)s,
        p_idempotency_key => %(idempotency_key)s)""",
)

NACK_MESSAGE: Final[Statement[None]] = nothing(
    """workflow_pg.nack_message(
        p_run_id => %(run_id)s,
        p_message_id => %(message_id)s,
        p_lease_token => %(lease_token)s,
        p_error => %(error)s)""",
)

RELEASE_MESSAGE: Final[Statement[None]] = nothing(
    """workflow_pg.release_message(
        p_run_id => %(run_id)s,
        p_message_id => %(message_id)s,
        p_lease_token => %(lease_token)s)""",
)

BURY_MESSAGE: Final[Statement[None]] = nothing(
    """workflow_pg.bury_message(
        p_run_id => %(run_id)s,
        p_message_id => %(message_id)s,
        p_lease_token => %(lease_token)s,
        p_error => %(error)s,
        p_error_name => %(error_name)s,
        p_error_code => %(error_code)s)""",
)

HEARTBEAT_WORKER: Final[Statement[None]] = nothing(
    """workflow_pg.heartbeat_worker(
        p_worker_id => %(worker_id)s,
        p_workflows => %(workflows)s,
        p_steps => %(steps)s,
        p_deployment_id => %(deployment_id)s,
        p_namespace => %(namespace)s)""",
)

SET_WORKER_IDLE: Final[Statement[None]] = nothing(
    """workflow_pg.set_worker_idle(
        p_worker_id => %(worker_id)s,
        p_is_idle => %(is_idle)s)""",
)

REMOVE_WORKER: Final[Statement[None]] = nothing(
    "workflow_pg.remove_worker(p_worker_id => %(worker_id)s)"
)

MAINTAIN: Final[Statement[Maintenance]] = one(
    MAINTENANCE,
    """workflow_pg.maintain(
        p_after => %(after)s,
        p_limit => %(limit)s::integer,
        p_grace => %(grace)s)""",
)

PURGE_DUE_RUNS: Final[Statement[PurgePage]] = one(
    PURGE_PAGE,
    """workflow_pg.purge_due_runs(
        p_after => %(after)s,
        p_limit => %(limit)s::integer)""",
)

UNWAKEABLE_RUNS: Final[Statement[list[Violation]]] = each(
    VIOLATION, "workflow_pg.unwakeable_runs()"
)

# Asks for the hints that idle workers are sent; not through a pooler.
LISTEN: Final[LiteralString] = "listen workflow_pg"
