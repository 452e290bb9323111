{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key=['order_id', 'customer_id'], on_schema_change='sync_all_columns') }}
select order_id, customer_id, {{ var('run_number') }} as run_number
{% if var('run_number') | int == 1 %}, 'x' as dropped {% else %}, 1.5 as added {% endif %}
from {{ ref('stg_orders') }}
{% if is_incremental() %} where order_id in (1, 2) {% endif %}
