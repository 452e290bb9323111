{{ config(materialized='ephemeral') }}
select order_id, amount, date_trunc('month', ordered_at) as month from {{ ref('stg_orders') }}
