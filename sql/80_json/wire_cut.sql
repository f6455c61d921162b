-- How many rows of a list make a page.
--
-- A list is asked for one row more than is wanted, so there are more when not all of its rows
-- are on the page. It gives 1000 rows at most: after a page of so many an empty one may come.

create or replace function workflow_pg_private.wire_cut(
    p_bytes  bigint[],
    p_size   integer,
    out fitting   integer,
    out has_more  boolean
)
returns record
language plpgsql immutable
as $$
declare
    c_page_bytes constant integer := 16777216;
begin
    select count(*)::integer
      into fitting
      from (select b.place, sum(b.bytes) over (order by b.place) as bytes
              from unnest(p_bytes) with ordinality as b (bytes, place)) as s
     where s.place = 1
        or s.place <= p_size and coalesce(s.bytes, 0) <= c_page_bytes;

    has_more := coalesce(cardinality(p_bytes), 0) > fitting or fitting = 1000;
end;
$$;

comment on function workflow_pg_private.wire_cut is
    'How many rows fit on a page of p_size rows and 16 MiB, but one at least, and whether there are more; p_bytes is for each row that of its payloads, null for none.';
