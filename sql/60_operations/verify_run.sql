-- Is what the tables say about a run what its log says?
--
-- The log is the truth: the rows beside it are folded from it here once more, by other
-- code than wrote them, and compared. Only hands that go past the functions can make
-- a difference.

create or replace function workflow_pg.verify_run(p_run_id text)
returns table (entity text, entity_id text, expected jsonb, found jsonb)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    -- Elsewhere a row has taken its times from another clock than its events.
    v_foreign text[] := array[]::text[];
begin
    if not exists (select 1 from workflow_pg_private.rows_of_run(p_run_id))
       and not exists (select 1 from workflow_pg.events as e where e.run_id = p_run_id)
    then
        perform workflow_pg_private.refuse(
            'WF404', format('run %s does not exist', coalesce(p_run_id, 'null')),
            jsonb_build_object('entity', 'run', 'id', p_run_id, 'run_id', p_run_id),
            'Check the run id and that this is the right database.');
    end if;

    return query
    select l.entity, l.entity_id, l.expected, l.found
      from workflow_pg_private.verify_log(p_run_id) as l;

    if exists (select from workflow_pg.runs as r where r.run_id = p_run_id and r.spec_version = 1) then
        return;
    elsif exists (select from workflow_pg_private.imported_runs as i where i.run_id = p_run_id) then
        v_foreign := array['created_at', 'updated_at', 'started_at', 'completed_at', 'disposed_at', 'retry_after', 'resume_at'];
    end if;

    -- Only the columns that the log decides are compared, and only those that differ are said.
    return query
    select coalesce(f.entity, r.entity), coalesce(f.entity_id, r.entity_id),
           (select jsonb_object_agg(c.key, c.value)
              from jsonb_each(f.expected) as c
             where r.found -> c.key is distinct from c.value),
           (select jsonb_object_agg(c.key, r.found -> c.key)
              from jsonb_each(coalesce(f.expected, r.found)) as c
             where r.found is not null
               and r.found -> c.key is distinct from f.expected -> c.key)
      from (select u.entity, u.entity_id, u.expected - v_foreign as expected
              from (select * from workflow_pg_private.fold_run(p_run_id)
                     union all select * from workflow_pg_private.fold_steps(p_run_id)
                     union all select * from workflow_pg_private.fold_hooks(p_run_id)
                     union all select * from workflow_pg_private.fold_waits(p_run_id)
                     union all select * from workflow_pg_private.fold_attributes(p_run_id)) as u) as f
      full join workflow_pg_private.rows_of_run(p_run_id) as r
        on r.entity = f.entity and r.entity_id = f.entity_id
     where f.expected is null or r.found is null or not r.found @> f.expected
     order by 1, 2;
end;
$$;

comment on function workflow_pg.verify_run is
$$Compare what the tables say about a run with what its log says. In a sound database it returns nothing,
whatever has happened; a row is the work of hands that went past the functions, or of a broken disk.
Of an imported run no times are compared, of a legacy one only the log is looked at.

p_run_id   the run
entity     log, run, step, hook, token, wait, attribute or attribute write
entity_id  of what differs
expected   the columns that differ, as the log has them; null: there should be no such row
found      the same columns as they are; null: the row is missing
raises     WF404 no such run$$;
