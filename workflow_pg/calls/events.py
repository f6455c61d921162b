"""The statements of the log."""

from __future__ import annotations

from typing import Final

from workflow_pg.calls.call import Statement, each, one
from workflow_pg.models import AppendReply, Event
from workflow_pg.rows import APPEND_REPLY, EVENT

APPEND_EVENT: Final[Statement[AppendReply]] = one(
    APPEND_REPLY,
    """workflow_pg.append_event(
        p_run_id => %(run_id)s,
        p_event_type => %(event_type)s,
        p_correlation_id => %(correlation_id)s,
        p_facts => %(facts)s,
        p_payload => %(payload)b,
        p_codec => %(codec)s,
        p_spec_version => %(spec_version)s::integer,
        p_dedup_key => %(dedup_key)s,
        p_lease_token => %(lease_token)s,
        p_wake => %(wake)s)""",
)

LIST_EVENTS: Final[Statement[list[Event]]] = each(
    EVENT,
    """workflow_pg.list_events(
        p_run_id => %(run_id)s,
        p_after => %(after)s::bigint,
        p_limit => %(limit)s::integer,
        p_descending => %(descending)s,
        p_with_payloads => %(with_payloads)s)""",
)
