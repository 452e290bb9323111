{{ config(materialized='incremental', incremental_strategy='insert_overwrite') }}
select order_id, {{ var('run_number') }} as run_number from {{ ref('stg_orders') }}
{% if is_incremental() %} where order_id < 3 {% endif %}
