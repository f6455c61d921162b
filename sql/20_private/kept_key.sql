-- Was this call made before, under its dedup key?

create or replace function workflow_pg_private.kept_key(
    p_run_id     text,
    p_event      workflow_pg.event_type,
    p_dedup_key  text,
    p_digest     bytea
)
returns workflow_pg_private.append_keys
language plpgsql stable
as $$
declare
    v_key workflow_pg_private.append_keys;
begin
    perform workflow_pg_private.check_text('dedup key', p_dedup_key, 255);

    select k.*
      into v_key
      from workflow_pg_private.append_keys as k
     where k.run_id = p_run_id
       and k.dedup_key = p_dedup_key;

    if v_key.digest <> p_digest then
        perform workflow_pg_private.refuse(
            'WF409', format('dedup key %s of run %s stands for another call', quote_literal(p_dedup_key), p_run_id),
            jsonb_build_object('entity', 'dedup_key', 'run_id', p_run_id, 'id', p_dedup_key, 'event', p_event),
            'Draw a new key for each new call.');
    end if;

    return v_key;
end;
$$;

comment on function workflow_pg_private.kept_key is
    'What is kept of the call that was made under a key; null when there was none. Raises WF400, WF409 the key stands for another call. p_event is null for a batch.';
