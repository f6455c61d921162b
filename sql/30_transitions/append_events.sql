-- Append many events of one run in one call: a constant, plus some microseconds for each.

create or replace function workflow_pg.append_events(
    p_run_id           text,
    p_event_types      text[],
    p_correlation_ids  text[] default null,
    p_facts            jsonb[] default null,
    p_payloads         bytea[] default null,
    p_codecs           workflow_pg.payload_codec[] default null,
    p_occurred_at      timestamptz[] default null,
    p_spec_version     integer default 7,
    p_dedup_key        text default null,
    p_lease_token      uuid default null,
    p_wake             boolean default true,
    p_all_or_nothing   boolean default false,
    p_hold             interval default '15 seconds'
)
returns setof workflow_pg.append_outcome
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_digest bytea;
begin
    perform workflow_pg_private.check_batch(
        p_run_id, p_event_types, p_correlation_ids, p_payloads,
        array[cardinality(p_correlation_ids), cardinality(p_facts), cardinality(p_payloads),
              cardinality(p_codecs), cardinality(p_occurred_at)]);
    perform workflow_pg_private.check_spec_version(p_spec_version);
    perform workflow_pg_private.check_hold(p_hold);

    if p_dedup_key is not null then
        v_digest := workflow_pg_private.batch_digest(
            p_event_types, p_correlation_ids, p_facts, p_payloads, p_all_or_nothing);
    end if;

    return query
    select o.*
      from workflow_pg_private.append_batch(
               p_run_id,
               workflow_pg_private.read_batch(
                   p_run_id, p_event_types, p_correlation_ids, p_facts, p_payloads, p_codecs, p_occurred_at),
               p_payloads, p_spec_version, p_dedup_key, v_digest,
               p_lease_token, p_wake, p_all_or_nothing, p_hold) as o;
end;
$$;

comment on function workflow_pg.append_events is
$$Append several events of one run, each as its single append would be decided after the ones before it.

Entries that the state rejects are reported and take no position; the others commit together, at
consecutive positions, in the order of the request. Refused whole, with nothing written: what is
no batch. Allowed are step_created, step_started without an input, step_retrying, step_completed,
step_failed, wait_created, wait_completed, run_completed and run_failed, one for each entity; the
one pair is step_created, later followed by step_started of the same step, which is then born
running: it is one claim, rejected whole, and the caller executes the step.

p_event_types      the events, in order; the other arrays are as long, or null
p_correlation_ids  id of the step or wait; null for events of the run
p_facts            eventData as for append_event
p_payloads         input, result, error or output, each at most 16 MiB
p_codecs           opaque, cbor or json; all opaque when the array is null
p_occurred_at      when it happened, for the caller: the time of its event, as far as that is not
                   before the event before it or ahead of the clock; null: now
p_spec_version     2 to 7
p_dedup_key        of the whole batch: a repeat writes nothing and returns the first outcomes, also
                   of what was rejected; a batch that has written nothing keeps no key
p_lease_token      of the delivery the caller is handling: while it is held the run is not woken
p_wake             false: the caller wakes the run itself
p_all_or_nothing   true: the first rejected entry is raised, and nothing is written
p_hold             how long a step that is born running is the caller's alone: then it is
                   dispatched, unless it is over; 1 second to 1 hour
returns            the outcome of each entry, in order; of none when the batch is empty
raises             WF400 no batch, WF409 the key stands for another call, WF426; with
                   p_all_or_nothing what the entry has: WF404, WF409, WF410, WF413, WF425; 40001
                   repeat the call$$;
