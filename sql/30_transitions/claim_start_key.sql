-- A start key gets a run, or has one already.
--
-- The key of start_keys decides the race, in one statement that locks its row; what the
-- key stands for is decided on that row.

create or replace function workflow_pg_private.claim_start_key(
    p_start_key  text,
    p_run_id     text,
    p_policy     workflow_pg.key_policy,
    p_scope      workflow_pg.key_scope,
    p_ttl        interval,
    p_digest     bytea,
    p_former     bytea
)
returns workflow_pg.runs
language plpgsql volatile
as $$
declare
    v_key  workflow_pg_private.start_keys;
    v_run  workflow_pg.runs;
    v_now  timestamptz;
begin
    insert into workflow_pg_private.start_keys as k (start_key, run_id, scope, repeats, claimed_at, digest, expires_at)
    select p_start_key, p_run_id, p_scope, 0, c.now, p_digest, c.now + p_ttl
      from workflow_pg_private.clock() as c (now)
        on conflict (start_key) do update set repeats = k.repeats + 1
 returning k.*
      into v_key;

    if v_key.repeats = 0 or v_key.run_id = p_run_id then
        return null;
    end if;

    v_now := workflow_pg_private.clock();
    v_run := workflow_pg_private.keyed_run(v_key, v_now);
    if v_run.run_id is not null then
        perform workflow_pg_private.refuse_start_key(
            v_key, v_run, case v_key.digest when p_former then p_former else p_digest end, p_policy);
        return v_run;
    end if;

    update workflow_pg_private.start_keys as k
       set run_id     = p_run_id,
           scope      = p_scope,
           repeats    = 0,
           claimed_at = v_now,
           expires_at = v_now + p_ttl,
           digest     = p_digest
     where k.start_key = p_start_key;

    return null;
end;
$$;

comment on function workflow_pg_private.claim_start_key is
    'The run that the key stands for, or null when it stands for p_run_id from now on. Raises WF409 when the policy is refuse, or when the key has neither p_digest nor p_former.';
