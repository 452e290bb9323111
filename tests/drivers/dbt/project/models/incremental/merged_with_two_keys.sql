{{ config(materialized='incremental', incremental_strategy='merge', unique_key=['order_id', 'customer_id'],
  merge_exclude_columns=['first_run'], incremental_predicates=["DBT_INTERNAL_DEST.order_id > 0"]) }}
select order_id, customer_id, {{ var('run_number') }} as first_run, {{ var('run_number') }} as last_run from {{ ref('stg_orders') }}
