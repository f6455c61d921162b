-- All or nothing: the first entry that is rejected is raised, as its own call would have been.

create or replace function workflow_pg_private.refuse_batch(p_entries workflow_pg_private.batch_entry[])
returns void
language plpgsql stable
as $$
declare
    v_entry  workflow_pg_private.batch_entry;
    v_fault  workflow_pg_private.fault;
begin
    select e.*
      into v_entry
      from unnest(p_entries) as e
     where (e.fault).sqlstate is not null
     order by e.place
     limit 1;

    if found then
        v_fault        := v_entry.fault;
        v_fault.detail := v_fault.detail || jsonb_build_object('place', v_entry.place);
        perform workflow_pg_private.refuse_fault(v_fault);
    end if;
end;
$$;

comment on function workflow_pg_private.refuse_batch is
    'Raises the fault of the first entry that has one, with its place in DETAIL.';
