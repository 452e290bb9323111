{{ config(store_failures=true) }}
select * from {{ ref('stg_orders') }} where amount < 0
