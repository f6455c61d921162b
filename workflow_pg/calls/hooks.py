"""The statements of hooks."""

from __future__ import annotations

from typing import Final

from workflow_pg.calls.call import Statement, each, one
from workflow_pg.models import AppendReply, Hook
from workflow_pg.rows import APPEND_REPLY, HOOK

CREATE_HOOK: Final[Statement[AppendReply]] = one(
    APPEND_REPLY,
    """workflow_pg.create_hook(
        p_run_id => %(run_id)s,
        p_hook_id => %(hook_id)s,
        p_token => %(token)s,
        p_metadata => %(metadata)b,
        p_codec => %(codec)s,
        p_is_webhook => %(is_webhook)s,
        p_is_system => %(is_system)s,
        p_spec_version => %(spec_version)s::integer,
        p_dedup_key => %(dedup_key)s,
        p_lease_token => %(lease_token)s,
        p_wake => %(wake)s,
        p_token_retention_until => %(token_retention_until)s)""",
)

RECEIVE_HOOK: Final[Statement[AppendReply]] = one(
    APPEND_REPLY,
    """workflow_pg.receive_hook(
        p_run_id => %(run_id)s,
        p_hook_id => %(hook_id)s,
        p_payload => %(payload)b,
        p_codec => %(codec)s,
        p_spec_version => %(spec_version)s::integer,
        p_dedup_key => %(dedup_key)s,
        p_lease_token => %(lease_token)s,
        p_wake => %(wake)s,
        p_resume_id => %(resume_id)s,
        p_payload_digest => %(payload_digest)s)""",
)

RESUME_HOOK: Final[Statement[AppendReply]] = one(
    APPEND_REPLY,
    """workflow_pg.resume_hook(
        p_token => %(token)s,
        p_payload => %(payload)b,
        p_codec => %(codec)s,
        p_dedup_key => %(dedup_key)s)""",
)

DISPOSE_HOOK: Final[Statement[AppendReply]] = one(
    APPEND_REPLY,
    """workflow_pg.dispose_hook(
        p_run_id => %(run_id)s,
        p_hook_id => %(hook_id)s,
        p_spec_version => %(spec_version)s::integer,
        p_dedup_key => %(dedup_key)s,
        p_lease_token => %(lease_token)s,
        p_wake => %(wake)s)""",
)

GET_HOOK: Final[Statement[Hook]] = one(
    HOOK, "workflow_pg.get_hook(p_run_id => %(run_id)s, p_hook_id => %(hook_id)s)"
)

GET_HOOK_BY_TOKEN: Final[Statement[Hook]] = one(
    HOOK, "workflow_pg.get_hook_by_token(p_token => %(token)s)"
)

LIST_HOOKS: Final[Statement[list[Hook]]] = each(
    HOOK,
    """workflow_pg.list_hooks(
        p_run_id => %(run_id)s,
        p_after => %(after)s,
        p_limit => %(limit)s::integer,
        p_descending => %(descending)s,
        p_with_payloads => %(with_payloads)s,
        p_cursor => %(cursor)s)""",
)

LIST_ALL_HOOKS: Final[Statement[list[Hook]]] = each(
    HOOK,
    """workflow_pg.list_all_hooks(
        p_after_token => %(after_token)s,
        p_limit => %(limit)s::integer,
        p_descending => %(descending)s,
        p_with_payloads => %(with_payloads)s,
        p_cursor => %(cursor)s)""",
)
