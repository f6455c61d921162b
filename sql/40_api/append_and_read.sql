-- Append an event, and read what the caller's copy of the log lacks.
--
-- Positions are dense, taken under the run's lock and never filled in later. So "what has
-- been written since I read" is everything between the last position the caller has and
-- the one that its event got, and nobody needs to keep track of it.

create or replace function workflow_pg.append_and_read(
    p_run_id          text,
    p_event_type      text,
    p_correlation_id  text default null,
    p_facts           jsonb default null,
    p_payload         bytea default null,
    p_codec           workflow_pg.payload_codec default 'opaque',
    p_spec_version    integer default 7,
    p_dedup_key       text default null,
    p_lease_token     uuid default null,
    p_wake            boolean default true,
    p_after           bigint default 0,
    p_limit           integer default 1000,
    p_with_payloads   boolean default true
)
returns setof workflow_pg.appended_event
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_reply workflow_pg.append_reply;
begin
    perform workflow_pg_private.check_limit(p_limit);
    perform workflow_pg_private.check_position(p_after);
    v_reply := workflow_pg.append_event(
        p_run_id, p_event_type, p_correlation_id, p_facts, p_payload, p_codec,
        p_spec_version, p_dedup_key, p_lease_token, p_wake);

    return query
    select l.*, null::workflow_pg.run_status, null::integer, null::text
      from workflow_pg_private.read_log(v_reply.run_id, p_after, v_reply.seq, p_limit, p_with_payloads) as l;

    return query
    select v_reply.run_id, v_reply.seq, l.event_id, v_reply.event_type, v_reply.correlation_id, v_reply.created_at,
           l.spec_version, l.facts, l.codec, l.payload,
           v_reply.run_status, v_reply.attempt, v_reply.conflicting_run_id
      from (select) as one_row
      left join workflow_pg_private.read_log(
               v_reply.run_id, v_reply.seq - 1, null, 1, p_with_payloads) as l on true;
end;
$$;

comment on function workflow_pg.append_and_read is
$$Append one event as append_event does, and read what was written to the log since the caller has read
it: the events after p_after and before the new one.

p_run_id ... p_wake  as for append_event
p_after          position of the newest event that the caller has, which is how many it has; 0 for
                 none; one that is too small or too great only makes the answer longer or shorter
p_limit          1 to 1000 events before the new one at most, the oldest
p_with_payloads  whether to read payloads; those that were purged are null, because a step that was
                 running when its run ended may still be recorded
returns          the events in their order. The last row is the reply, with run_status; its seq is
                 null when the call was legal and wrote nothing, and then all of the log after p_after
                 comes before it. When seq jumps before the last row, or p_limit rows come before
                 one without seq, there are more: list_events reads them
raises           WF400 p_after, p_limit, and what append_event raises$$;
