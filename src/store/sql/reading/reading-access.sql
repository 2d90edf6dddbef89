-- The reader sees what the views of nova_research are made of, one user at a time or all; see nova.may_read.
-- Tables of projections get the same from nova.open_projection_table.
drop policy if exists reading on nova.events;
create policy reading on nova.events for select to nova_reader using (nova.may_read(user_id));
drop policy if exists reading on nova.contents;
create policy reading on nova.contents for select to nova_reader using (nova.may_read(user_id));

grant select on nova.events, nova.contents to nova_reader;
grant usage on schema nova, nova_research to nova_reader;
