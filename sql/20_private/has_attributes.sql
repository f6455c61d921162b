-- Has a run these attributes?
--
-- A function, so that the planner takes a third of all runs for an answer. Of the
-- operator @> itself it thinks that hardly any match, and sorts them all for one page.

create or replace function workflow_pg_private.has_attributes(
    p_run_id      text,
    p_attributes  jsonb
)
returns boolean
language plpgsql stable
as $$
begin
    return workflow_pg_private.attributes_of(p_run_id) @> p_attributes;
end;
$$;

comment on function workflow_pg_private.has_attributes is
    'Whether a run has all of p_attributes, a JSON object of texts.';
