{{ config(transient=false, query_tag='its own tag', snowflake_warehouse='OTHER_WH') }}
select current_warehouse() as warehouse, 1 as one
