{{ config(materialized='incremental', unique_key='order_id', on_schema_change='append_new_columns', cluster_by='order_id') }}
select order_id, customer_id, amount * {{ var('run_number') }} as amount, {{ var('run_number') }} as run_number
{% if var('run_number') | int > 1 %}, 'new'::varchar(20) as added {% endif %}
from {{ ref('stg_orders') }}
{% if is_incremental() %} where order_id >= 4 union all select 100, 1, 7, {{ var('run_number') }}, 'new' {% endif %}
