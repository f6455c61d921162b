-- The live hooks of a run, or of all, whichever list that is.

create or replace function workflow_pg_private.wire_live_hooks(
    p_run_id      text,
    p_limit       integer,
    p_descending  boolean,
    p_cursor      text
)
returns setof workflow_pg.hook_detail
language plpgsql stable
as $$
begin
    if p_run_id is null then
        return query
        select l.* from workflow_pg.list_all_hooks(null, p_limit, p_descending, false, p_cursor) as l;
        return;
    end if;

    return query
    select l.* from workflow_pg.list_hooks(p_run_id, null, p_limit, p_descending, false, p_cursor) as l;
end;
$$;

comment on function workflow_pg_private.wire_live_hooks is
    'One page of the live hooks of a run, by their ids; of all runs, by their tokens, when p_run_id is null. Raises WF400.';
