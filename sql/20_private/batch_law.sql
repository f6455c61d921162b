-- The cells of the machine that a batch can meet, to be looked up by name.
--
-- A map, and not a join with the views for each entry: it is made once, and how long a
-- look-up takes depends on no plan.

create or replace function workflow_pg_private.batch_law(
    p_events        workflow_pg.event_type[],
    p_run_statuses  workflow_pg.run_status[]
)
returns jsonb
language plpgsql stable
as $$
declare
    v_law jsonb;
begin
    select jsonb_object_agg(concat_ws(' ', c.event_type, coalesce(c.run_status::text, 'absent'), coalesce(c.status, 'absent')),
                            case when c.outcome = 'ok' then c.next_status else c.outcome end)
      into v_law
      from (select s.event_type, s.run_status, s.step_status::text, s.outcome, s.next_status::text
              from workflow_pg.step_transitions as s
             where s.event_type = any (p_events)
               and not s.with_input
             union all
            select w.event_type, w.run_status, w.wait_status::text, w.outcome, w.next_status::text
              from workflow_pg.wait_transitions as w
             where w.event_type = any (p_events)
             union all
            select r.event_type, r.run_status, r.run_status::text, r.outcome, r.next_status::text
              from workflow_pg.run_transitions as r
             where r.event_type = any (p_events)) as c (event_type, run_status, status, outcome, next_status)
     where c.run_status = any (p_run_statuses)
        or c.run_status is null and array_position(p_run_statuses, null) is not null;

    return v_law;
end;
$$;

comment on function workflow_pg_private.batch_law is
    'For each ''event, status of the run, status of the entity'' (or absent) the next status, or the SQLSTATE of the refusal.';
