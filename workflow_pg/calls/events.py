"""The statements of the log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from workflow_pg.calls.call import Statement, column, each, one
from workflow_pg.models import (
    AppendedEvent,
    AppendOutcome,
    AppendReply,
    Codec,
    Event,
    NewEvent,
)
from workflow_pg.rows import APPEND_OUTCOME, APPEND_REPLY, APPENDED_EVENT, EVENT

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

APPEND_AND_READ: Final[Statement[list[AppendedEvent]]] = each(
    APPENDED_EVENT,
    """workflow_pg.append_and_read(
        p_run_id => %(run_id)s,
        p_event_type => %(event_type)s,
        p_correlation_id => %(correlation_id)s,
        p_facts => %(facts)s,
        p_payload => %(payload)b,
        p_codec => %(codec)s,
        p_spec_version => %(spec_version)s::integer,
        p_dedup_key => %(dedup_key)s,
        p_lease_token => %(lease_token)s,
        p_wake => %(wake)s,
        p_after => %(after)s::bigint,
        p_limit => %(limit)s::integer,
        p_with_payloads => %(with_payloads)s)""",
)

APPEND_EVENTS: Final[Statement[list[AppendOutcome]]] = each(
    APPEND_OUTCOME,
    """workflow_pg.append_events(
        p_run_id => %(run_id)s,
        p_event_types => %(event_types)s::text[],
        p_correlation_ids => %(correlation_ids)s::text[],
        p_facts => %(facts)s::jsonb[],
        p_payloads => %(payloads)b,
        p_codecs => %(codecs)s::text[]::workflow_pg.payload_codec[],
        p_occurred_at => %(occurred_at)s::timestamptz[],
        p_spec_version => %(spec_version)s::integer,
        p_dedup_key => %(dedup_key)s,
        p_lease_token => %(lease_token)s,
        p_wake => %(wake)s,
        p_all_or_nothing => %(all_or_nothing)s,
        p_hold => %(hold)s)""",
)

LIST_EVENTS: Final[Statement[list[Event]]] = each(
    EVENT,
    """workflow_pg.list_events(
        p_run_id => %(run_id)s,
        p_after => %(after)s::bigint,
        p_limit => %(limit)s::integer,
        p_descending => %(descending)s,
        p_with_payloads => %(with_payloads)s,
        p_correlation_id => %(correlation_id)s,
        p_cursor => %(cursor)s)""",
)


def as_arrays(events: Sequence[NewEvent]) -> dict[str, object]:
    """What ``APPEND_EVENTS`` takes for its entries: parallel arrays."""
    return {
        "event_types": [event.event_type for event in events],
        "correlation_ids": column(event.correlation_id for event in events),
        "facts": column(event.facts for event in events),
        "payloads": column(event.payload for event in events),
        "codecs": column((event.codec for event in events), default=Codec.OPAQUE),
        "occurred_at": column(event.occurred_at for event in events),
    }
