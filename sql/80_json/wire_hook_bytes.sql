-- How many bytes the metadata of a hook has. Its length is known without reading it.

create or replace function workflow_pg_private.wire_hook_bytes(
    p_run_id   text,
    p_hook_id  text
)
returns bigint
language plpgsql stable
as $$
begin
    return (
        select octet_length(e.payload)::bigint
          from workflow_pg.hooks as h
          join workflow_pg.events as e on e.run_id = h.run_id and e.seq = h.created_seq
         where h.run_id = p_run_id
           and h.hook_id = p_hook_id);
end;
$$;

comment on function workflow_pg_private.wire_hook_bytes is
    'Bytes of the metadata of a hook; null when there is none.';
