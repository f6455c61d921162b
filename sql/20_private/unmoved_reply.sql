-- The reply to a legal call that had nothing to do.

create or replace function workflow_pg_private.unmoved_reply(
    p_run_id      text,
    p_event       workflow_pg.event_type,
    p_run_status  workflow_pg.run_status
)
returns workflow_pg.append_reply
language plpgsql immutable
as $$
begin
    return (p_run_id, null::bigint, p_event, null::text, null::timestamptz, p_run_status, null::integer, null::text);
end;
$$;

comment on function workflow_pg_private.unmoved_reply is
    'An append_reply without a position: nothing was written.';
