-- What a user's calls of a month count as of now, by tool: what the projection has counted and what it has not
-- seen. It is what users are told, and what admission goes by.
create or replace function nova.usage_now(p_user text, p_month text) returns table (
  tool text, calls bigint, refunds bigint, refusals bigint, units bigint, units_refunded bigint
) language plpgsql stable rows 10 as $$
begin
  return query select c.tool, sum(c.calls)::bigint, sum(c.refunds)::bigint, sum(c.refusals)::bigint,
      sum(c.units)::bigint, sum(c.units_refunded)::bigint
  from (
    select u.tool, u.calls, u.refunds, u.refusals, u.units, u.units_refunded
      from nova.usage u where u.user_id = p_user and u.month = p_month
    union all
    select e.data->>'tool', (e.type = 'ToolCalled')::int, (e.type = 'ToolCallRefunded')::int,
        (e.type = 'ToolCallRefused')::int,
        case e.type when 'ToolCalled' then nova.weight_of(e.data) else 0 end,
        case e.type when 'ToolCallRefunded' then nova.weight_of(e.data) else 0 end
      from nova.unseen(
        'usage', p_user, 'usage-' || p_user || '-' || p_month,
        (p_month || '-01T00:00:00Z')::timestamptz - interval '1 hour') e
      where e.type in ('ToolCalled', 'ToolCallRefunded', 'ToolCallRefused')
  ) as c
  group by c.tool;
end $$;
