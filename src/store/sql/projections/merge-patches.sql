-- Later patches win, an explicit null included: {"state":"failed"} then {"state":"scraped"} is "scraped".
create or replace aggregate nova.merge_patches (jsonb) (sfunc = jsonb_concat, stype = jsonb, initcond = '{}');
