-- The data of an event without what people and pages said: ids, codes, kinds, sizes and times of ours stay,
-- so it is still readable by its schema and countable. published_at is what a page says, so it goes.
--   {"source": 3, "title": "On X", "markdown": {"sha256": "9f…", "size": 12}}
--   {"source": 3, "title": "ERASED", "markdown": {"sha256": "00…", "size": 12}}
create or replace function nova.erased_data(p_type text, p_value jsonb, p_key text default null) returns jsonb
language plpgsql immutable parallel safe as $$
begin
  case jsonb_typeof(p_value)
    when 'object' then
      return coalesce(
        (select jsonb_object_agg(key, nova.erased_data(p_type, value, key)) from jsonb_each(p_value)), '{}');
    when 'array' then
      return coalesce(
        (select jsonb_agg(nova.erased_data(p_type, item, p_key) order by n)
          from jsonb_array_elements(p_value) with ordinality as list (item, n)), '[]');
    when 'string' then
      if p_key = 'sha256' then
        return to_jsonb(repeat('0', 64));
      end if;
      if p_key in (
          'article_id', 'operation_id', 'tool', 'outcome', 'by', 'kind', 'media_type', 'usage_month',
          'provider', 'converter', 'compiler', 'created_at', 'extracted_at', 'uploaded_at', 'started_at',
          'finished_at', 'cancelled_at', 'retrieved_at', 'failed_at', 'generated_at', 'recorded_at',
          'selected_at', 'chosen_at', 'compiled_at', 'archived_at', 'unarchived_at', 'erased_at', 'checked_at',
          'run_id', 'call_id', 'code', 'decision', 'decided_by', 'choices', 'begun_at', 'ended_at', 'paused_at',
          'resumed_at', 'resumes_at', 'rank', 'renamed_at', 'receiver', 'set_at', 'sent_at', 'tried_at')
        or (p_key = 'reason' and p_type in (
          'SourceFailed', 'ResearchQueryFailed', 'ResearchRunPaused', 'ResearchRunOutcomeNotSent')) then
        return p_value;
      end if;
      return '"ERASED"';
    else
      return p_value;
  end case;
end $$;
