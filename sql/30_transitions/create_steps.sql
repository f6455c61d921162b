-- absent -> pending, many steps of one run in one call

create or replace function workflow_pg.create_steps(
    p_run_id          text,
    p_step_ids        text[],
    p_step_names      text[],
    p_inputs          bytea[] default null,
    p_codec           workflow_pg.payload_codec default 'opaque',
    p_spec_version    integer default 7,
    p_dedup_key       text default null,
    p_all_or_nothing  boolean default false
)
returns setof workflow_pg.append_outcome
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_types    constant text[] := array_fill('step_created'::text, array[coalesce(cardinality(p_step_ids), 0)]);
    v_entries           workflow_pg_private.batch_entry[];
    v_digest            bytea;
begin
    perform workflow_pg_private.check_batch(
        p_run_id, v_types, p_step_ids, null, array[coalesce(cardinality(p_step_names), -1), cardinality(p_inputs)]);
    perform workflow_pg_private.check_spec_version(p_spec_version);

    select array_agg((p_run_id, u.place, 'step_created', u.step_id, jsonb_build_object('stepName', u.step_name),
                      p_codec, null, null, u.step_name, null,
                      workflow_pg_private.entry_fault(
                          'step_created', u.step_id, jsonb_build_object('stepName', u.step_name), p_codec, u.input),
                      null, null, null, null, null)::workflow_pg_private.batch_entry
                     order by u.place)
      into v_entries
      from unnest(p_step_ids, p_step_names, p_inputs) with ordinality as u (step_id, step_name, input, place);

    if p_dedup_key is not null then
        v_digest := workflow_pg_private.batch_digest(
            v_types, p_step_ids, array(select e.facts from unnest(v_entries) as e), p_inputs, p_all_or_nothing);
    end if;

    return query
    select o.*
      from workflow_pg_private.append_batch(
               p_run_id, coalesce(v_entries, '{}'), p_inputs, p_spec_version, p_dedup_key, v_digest,
               null, false, p_all_or_nothing, null) as o;
end;
$$;

comment on function workflow_pg.create_steps is
$$Create several steps of a live run, each with its event and the message that has it executed: what
append_events does with as many step_created, and faster.

p_run_id          the run
p_step_ids        correlation ids, each once, 1 to 255 bytes
p_step_names      as workers announce them, 1 to 1024 bytes; as many as ids
p_inputs          arguments, each at most 16 MiB; null: none has any
p_codec           opaque, cbor or json, for all inputs
p_spec_version    2 to 7
p_dedup_key       of the whole call: a repeat writes nothing and returns the first outcomes
p_all_or_nothing  true: the first rejected step is raised, and nothing is written
returns           the outcome of each step, in order
raises            WF400 the arrays do not fit together or an id is there twice, WF409 the key stands
                  for another call, WF426; with p_all_or_nothing what the step has: WF404, WF409,
                  WF413; 40001 repeat the call$$;
