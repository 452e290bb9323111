{{ config(
    cluster_by=['signed_up', 'customer_id'],
    automatic_clustering=true,
    grants={'select': ['reporter', 'analyst']},
    copy_grants=true,
    pre_hook="insert into {{ target.schema }}.audit select 'customers', 'before', current_timestamp()::timestamp_ntz",
    post_hook=[
      "execute immediate 'insert into {{ this.schema }}.audit values (''customers'', ''after'', null)'",
      "execute immediate $$
         begin
           insert into {{ this.schema }}.audit values ('customers', 'in a block', null);
           update {{ this.schema }}.audit set at = current_timestamp()::timestamp_ntz where at is null;
         end;
       $$",
    ]
) }}
with orders as (
  select customer_id, count(*) as orders, sum(amount) as spent, min(ordered_at) as first_order
  from {{ ref('stg_orders') }} group by customer_id
)
select c.*, coalesce(o.orders, 0) as orders, o.spent, o.first_order,
  row_number() over (order by o.spent desc nulls last) as place
from {{ ref('stg_customers') }} c left join orders o using (customer_id)
