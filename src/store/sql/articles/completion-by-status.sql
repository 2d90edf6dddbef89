-- Status and share of all articles, erased ones aside.
create or replace view nova.completion_by_status with (security_invoker = true) as
  select status, count(*) as articles, count(*) / sum(count(*)) over () as share
  from nova.article_states group by status;

grant select on nova.completion_by_status to nova_analyst, nova_projector, nova_app;
