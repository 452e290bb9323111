{{ config(materialized='incremental', incremental_strategy='append') }}
select {{ var('run_number') }} as run_number, order_id, amount from {{ ref('stg_orders') }}
