-- Stores a body, unless the user has no room for it; 0 is unlimited. Bodies of one user take turns, so of
-- any number at once exactly what fits gets through. Refuses with STORAGE_FULL.
-- The same bytes again are one look at a key, and at most once a minute the note that they were put.
create or replace function nova.put_content(
  p_user text, p_sha256 text, p_media_type text, p_body bytea, p_max bigint
) returns void language plpgsql as $$
declare
  v_kept bigint;
begin
  perform from nova.contents c where c.user_id = p_user and c.sha256 = p_sha256;
  if not found and p_max > 0 then
    perform pg_advisory_xact_lock(hashtext('nova storage'), hashtext(p_user));
    select s.bytes into v_kept from nova.user_storage s where s.user_id = p_user;
    if coalesce(v_kept, 0) + octet_length(p_body) > p_max then
      raise exception 'STORAGE_FULL' using errcode = 'NV100', detail = json_build_object(
        'used', coalesce(v_kept, 0), 'size', octet_length(p_body), 'max', p_max);
    end if;
  end if;
  insert into nova.contents (user_id, sha256, size, media_type, body)
    values (p_user, p_sha256, octet_length(p_body), p_media_type, p_body)
    on conflict (user_id, sha256) do update set put_at = now()
      where contents.put_at < now() - interval '1 minute';
end $$;
