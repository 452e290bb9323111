{{ config(materialized='table', event_time='ordered_at') }}
select order_id, ordered_at from {{ ref('stg_orders') }}
