-- One row per tool call that counts: not those that a limit refused, nor those that were given back.
create or replace view nova_research.tool_call_usage with (security_invoker = true) as
select
  nova.row_id('call/' || c.call_id) as id,
  c.user_id,
  c.tool as tool_name,
  c.month as year_month,
  c.called_at as created_at
from nova.tool_calls c
where c.status not in ('quota', 'refunded');

grant select on nova_research.tool_call_usage to nova_reader;
