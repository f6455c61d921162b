-- Append the entries of a batch that the state allows, in one transaction.
--
-- Lock, decide, write. The dedup key is looked up under the lock, so a first try that is
-- still under way is waited for, and its outcomes are found.

create or replace function workflow_pg_private.append_batch(
    p_run_id          text,
    p_entries         workflow_pg_private.batch_entry[],
    p_payloads        bytea[],
    p_spec_version    integer,
    p_dedup_key       text,
    p_digest          bytea,
    p_lease_token     uuid,
    p_wake            boolean,
    p_all_or_nothing  boolean,
    p_hold            interval
)
returns setof workflow_pg.append_outcome
language plpgsql volatile
as $$
declare
    v_run      workflow_pg.runs;
    v_key      workflow_pg_private.append_keys;
    v_now      timestamptz;
    v_entries  workflow_pg_private.batch_entry[];
begin
    select r.*
      into v_run
      from workflow_pg.runs as r
     where r.run_id = p_run_id
       for no key update;

    if p_dedup_key is not null then
        v_key := workflow_pg_private.kept_key(p_run_id, null, p_dedup_key, p_digest);
        if v_key.seq is not null then
            return query
            select o.* from workflow_pg_private.repeated_batch(v_key, cardinality(p_entries)) as o;
            return;
        end if;
    end if;

    v_now     := workflow_pg_private.clock();
    v_entries := workflow_pg_private.decide_batch(v_run, p_entries, v_now);
    if p_all_or_nothing then
        perform workflow_pg_private.refuse_batch(v_entries);
    end if;

    perform workflow_pg_private.write_batch(
        v_run, v_entries, p_payloads, p_spec_version, v_now, p_lease_token, p_wake, p_hold);
    if p_dedup_key is not null then
        perform workflow_pg_private.keep_batch_key(p_dedup_key, p_digest, v_entries);
    end if;

    return query
    select o.* from workflow_pg_private.batch_outcomes(v_entries) as o;
end;
$$;

comment on function workflow_pg_private.append_batch is
    'Append a batch that was read, as append_events says; p_digest is kept with p_dedup_key.';
