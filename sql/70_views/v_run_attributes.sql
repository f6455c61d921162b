-- What runs are to be found by.

create or replace view workflow_pg.v_run_attributes as
select a.run_id, a.key, a.value
  from workflow_pg.run_attributes as a;

comment on view workflow_pg.v_run_attributes is
    'One row per attribute of a run: plain text by which people find it. Fast by run_id, by key, and by key and value.';
comment on column workflow_pg.v_run_attributes.run_id is 'The run.';
comment on column workflow_pg.v_run_attributes.key is 'Name; one that begins with $ belongs to a framework.';
comment on column workflow_pg.v_run_attributes.value is 'Plain text.';
