-- Every stream, without its chunks.

create or replace view workflow_pg.v_streams as
select s.run_id,
       s.name,
       s.chunk_count,
       s.created_at,
       s.closed_at
  from workflow_pg.streams as s;

comment on view workflow_pg.v_streams is
    'One row per stream that was written to or closed, without its chunks. Fast by run_id.';
comment on column workflow_pg.v_streams.run_id is 'The run it belongs to, which need not exist.';
comment on column workflow_pg.v_streams.name is 'Name of the stream, unique in its run only.';
comment on column workflow_pg.v_streams.chunk_count is 'How many chunks it has.';
comment on column workflow_pg.v_streams.created_at is 'When it was first written to or closed.';
comment on column workflow_pg.v_streams.closed_at is 'When it was closed; null while it is open.';
