-- Which entries of a batch make a step born running. The two are one claim: a fault of the
-- creation is one of the start too.

create or replace function workflow_pg_private.pair_batch(p_entries workflow_pg_private.batch_entry[])
returns workflow_pg_private.batch_entry[]
language plpgsql immutable
as $$
declare
    v_entries workflow_pg_private.batch_entry[];
begin
    with grouped as (
        select e.*, e.correlation_id is not null and count(*) over entity > 1 as is_pair,
               max(e.place) over entity as last_place,
               first_value(e.fault) over (partition by e.event_type >= 'wait_created', e.correlation_id
                                              order by e.place) as first_fault
          from unnest(p_entries) as e
        window entity as (partition by e.event_type >= 'wait_created', e.correlation_id)
    )
    select array_agg((g.run_id, g.place, g.event_type, g.correlation_id, g.facts, g.codec, g.occurred_at,
                      case when g.is_pair then g.last_place end, g.step_name, g.due_at,
                      case when g.is_pair then g.first_fault else g.fault end,
                      null, null, null, null, null)::workflow_pg_private.batch_entry
                     order by g.place)
      into v_entries
      from grouped as g;

    return v_entries;
end;
$$;

comment on function workflow_pg_private.pair_batch is
    'The entries with pair_place where check_pairs has passed two about one step.';
