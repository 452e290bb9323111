{% snapshot orders_by_time %}
{{ config(unique_key='id', strategy='timestamp', updated_at='changed_at') }}
select id, cents * {{ var('run_number') }} as cents,
  dateadd('day', case when id = 1 then {{ var('run_number') }} else 0 end, ordered_at) as changed_at
from {{ ref('raw_orders') }}
{% endsnapshot %}
