-- What the law says of one entry: the next status of its entity, or a SQLSTATE.

create or replace function workflow_pg_private.batch_verdict(
    p_law         jsonb,
    p_event       workflow_pg.event_type,
    p_is_pair     boolean,
    p_run_status  workflow_pg.run_status,
    p_status      text
)
returns text
language plpgsql immutable
as $$
declare
    v_run_status constant text := coalesce(p_run_status::text, 'absent');
    v_verdict    constant text := p_law ->> concat_ws(
        ' ', case when p_is_pair then 'step_created' else p_event end, v_run_status, coalesce(p_status, 'absent'));
begin
    if p_is_pair and p_event = 'step_started' and v_verdict not like 'WF%' then
        -- The step is there by then.
        return p_law ->> concat_ws(' ', p_event, v_run_status, v_verdict);
    end if;

    return v_verdict;
end;
$$;

comment on function workflow_pg_private.batch_verdict is
    'Looks an entry up in what batch_law has returned. A pair is looked up as the creation that it is.';
