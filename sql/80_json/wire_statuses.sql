-- Which statuses of runs a caller wants: one, some, or all.

create or replace function workflow_pg_private.wire_statuses(p_params jsonb)
returns workflow_pg.run_status[]
language plpgsql immutable
as $$
declare
    v_status constant jsonb  := p_params -> 'status';
    v_wanted constant text[] := case jsonb_typeof(v_status)
        when 'string' then array[v_status #>> '{}']
        when 'array' then workflow_pg_private.wire_texts(p_params, 'status') end;
begin
    if jsonb_typeof(v_status) not in ('string', 'array', 'null')
       or not v_wanted <@ enum_range(null::workflow_pg.run_status)::text[]
    then
        perform workflow_pg_private.refuse(
            'WF400', format('status %s is malformed: that of a run, or an array of them, is needed', left(v_status::text, 60)),
            jsonb_build_object('argument', 'status'));
    end if;

    return v_wanted::workflow_pg.run_status[];
end;
$$;

comment on function workflow_pg_private.wire_statuses is
    'status of p_params, a text or an array, as an array; null when it is absent. Raises WF400.';
