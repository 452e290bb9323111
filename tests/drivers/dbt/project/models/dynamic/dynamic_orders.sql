{{ config(materialized='dynamic_table', target_lag=('1 minute' if var('run_number') | int == 1 else '2 minutes'), snowflake_warehouse='COMPUTE_WH', on_configuration_change='apply') }}
select customer_id, count(*) as orders from {{ ref('raw_orders') }} group by customer_id
