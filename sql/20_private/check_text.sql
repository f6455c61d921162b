-- Is this a name or an id that we can store, index and show?

create or replace function workflow_pg_private.check_text(
    p_what       text,
    p_value      text,
    p_max_bytes  integer
)
returns void
language plpgsql immutable
as $$
declare
    v_fault constant workflow_pg_private.fault := workflow_pg_private.text_fault(p_what, p_value, p_max_bytes);
begin
    if v_fault.sqlstate is not null then
        perform workflow_pg_private.refuse_fault(v_fault);
    end if;
end;
$$;

comment on function workflow_pg_private.check_text is
    'Raises what text_fault finds.';
