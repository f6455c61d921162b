"""The statements of what people do by hand, and of how it all stands."""

from __future__ import annotations

from typing import Final

from workflow_pg.calls.call import Statement, each, one
from workflow_pg.models import (
    AppendReply,
    BuriedMessage,
    Deletion,
    Discrepancy,
    Finding,
    Purge,
    QueueStat,
    Requeued,
    Wakening,
    WorkerState,
)
from workflow_pg.rows import (
    APPEND_REPLY,
    BURIED_MESSAGE,
    DELETION,
    DISCREPANCY,
    FINDING,
    PURGE,
    QUEUE_STAT,
    REQUEUED,
    WAKENING,
    WORKER_STATE,
)

RETRY_RUN: Final[Statement[AppendReply]] = one(
    APPEND_REPLY,
    """workflow_pg.retry_run(
        p_run_id => %(run_id)s,
        p_new_run_id => %(new_run_id)s,
        p_deployment_id => %(deployment_id)s,
        p_anyway => %(anyway)s,
        p_dedup_key => %(dedup_key)s)""",
)

WAKE_RUN: Final[Statement[Wakening]] = one(
    WAKENING,
    """workflow_pg.wake_run(
        p_run_id => %(run_id)s,
        p_with_waits => %(with_waits)s)""",
)

DELETE_RUN: Final[Statement[Deletion]] = one(
    DELETION, "workflow_pg.delete_run(p_run_id => %(run_id)s)"
)

VERIFY_RUN: Final[Statement[list[Discrepancy]]] = each(
    DISCREPANCY, "workflow_pg.verify_run(p_run_id => %(run_id)s)"
)

PURGE_RUN: Final[Statement[Purge]] = one(
    PURGE, "workflow_pg.purge_run(p_run_id => %(run_id)s)"
)

QUEUE_STATS: Final[Statement[list[QueueStat]]] = each(
    QUEUE_STAT, "workflow_pg.queue_stats()"
)

LIST_BURIED: Final[Statement[list[BuriedMessage]]] = each(
    BURIED_MESSAGE,
    """workflow_pg.list_buried(
        p_limit => %(limit)s::integer,
        p_before => %(before)s,
        p_before_run_id => %(before_run_id)s,
        p_before_message_id => %(before_message_id)s)""",
)

REQUEUE_MESSAGES: Final[Statement[list[Requeued]]] = each(
    REQUEUED,
    """workflow_pg.requeue_messages(
        p_message_id => %(message_id)s,
        p_run_id => %(run_id)s)""",
)

LIST_WORKERS: Final[Statement[list[WorkerState]]] = each(
    WORKER_STATE,
    """workflow_pg.list_workers(
        p_deployment_id => %(deployment_id)s,
        p_is_alive => %(is_alive)s)""",
)

DIAGNOSE: Final[Statement[list[Finding]]] = each(
    FINDING, "workflow_pg.diagnose(p_client_time => %(client_time)s)"
)
