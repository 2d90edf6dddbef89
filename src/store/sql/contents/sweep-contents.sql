-- Bodies that an erased article left behind, and those that its jobs stored after it was erased: nobody
-- names them. Ten minutes are longer than any body is on its way to its event.
create or replace function nova.sweep_contents() returns bigint
language plpgsql security definer set search_path = pg_catalog, nova as $$
declare
  v_swept bigint;
begin
  delete from nova.contents c using (
      select x.user_id, x.recorded_at from nova.events x
      where x.type = 'ArticleErased' and x.recorded_at > now() - interval '2 hours'
    ) as erased
    where c.user_id = erased.user_id and c.put_at < now() - interval '10 minutes'
      and c.put_at between erased.recorded_at - interval '10 minutes'
        and erased.recorded_at + interval '1 hour'
      and not nova.is_named(c.user_id, c.sha256);
  get diagnostics v_swept = row_count;
  return v_swept;
end $$;

alter function nova.sweep_contents() owner to nova_keeper;
revoke all on function nova.sweep_contents() from public;
grant execute on function nova.sweep_contents() to nova_projector;
