-- A refusal as data: what refuse() raises.

create or replace function workflow_pg_private.new_fault(
    p_sqlstate  text,
    p_message   text,
    p_detail    jsonb,
    p_hint      text default null
)
returns workflow_pg_private.fault
language plpgsql immutable
as $$
begin
    return (p_sqlstate, p_message, p_detail, p_hint);
end;
$$;

comment on function workflow_pg_private.new_fault is
    'A fault with these parts.';
