-- The service keeps the keys of its user; housekeeping, as the projector, forgets those of two days ago.
drop policy if exists own_requests on nova.append_requests;
create policy own_requests on nova.append_requests to nova_app
  using (user_id = current_setting('app.user_id', true));
drop policy if exists forget_requests on nova.append_requests;
create policy forget_requests on nova.append_requests to nova_projector
  using (created_at < now() - interval '2 days');

grant select, insert on nova.append_requests to nova_app;
grant select, delete on nova.append_requests to nova_projector;
