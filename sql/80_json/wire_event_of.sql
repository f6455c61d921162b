-- An event, read and as the protocol writes it.

create or replace function workflow_pg_private.wire_event_of(
    p_run_id  text,
    p_seq     bigint,
    p_all     boolean
)
returns jsonb
language plpgsql stable
as $$
declare
    v_event workflow_pg.event_detail;
begin
    select e.run_id, e.seq, 'evnt_' || lpad(e.seq::text, 26, '0'), e.event_type, e.correlation_id,
           e.created_at, e.spec_version::integer, e.facts, e.codec, case when p_all then e.payload end
      into v_event
      from workflow_pg.events as e
     where e.run_id = p_run_id
       and e.seq = p_seq;

    return case when v_event.run_id is not null then workflow_pg_private.wire_event(v_event, p_all) end;
end;
$$;

comment on function workflow_pg_private.wire_event_of is
    'The event in camel case, with its payload when p_all; null when there is no such event.';
