{% macro make_events() %}
  {% do run_query("create schema if not exists " ~ target.database ~ "." ~ target.schema) %}
  {% do run_query("create or replace table " ~ target.schema ~ ".events (id int, loaded_at timestamp_tz)") %}
  {% do run_query("insert into " ~ target.schema ~ ".events select 1, current_timestamp()::timestamp_tz") %}
{% endmacro %}
