-- The steps of one page of a list.

create or replace function workflow_pg_private.find_steps(
    p_run_id      text,
    p_after       text,
    p_descending  boolean,
    p_limit       integer
)
returns setof workflow_pg.steps
language plpgsql stable
as $$
begin
    if p_descending then
        return query
        select s.*
          from workflow_pg.steps as s
         where s.run_id = p_run_id
           and (p_after is null or s.step_id < p_after)
         order by s.step_id desc
         limit p_limit;
        return;
    end if;

    return query
    select s.*
      from workflow_pg.steps as s
     where s.run_id = p_run_id
       and s.step_id > coalesce(p_after, '')
     order by s.step_id
     limit p_limit;
end;
$$;

comment on function workflow_pg_private.find_steps is
    'One page of the steps of a run, in the order of their ids or backwards, after p_after.';
