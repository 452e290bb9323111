{{ config(secure=true, copy_grants=true) }}
select
  id as order_id,
  customer_id,
  {{ target.schema }}.cents_to_euros(cents) as amount,
  ratio,
  ordered_at::timestamp_ntz as ordered_at
from {{ ref('raw_orders') }}
