{{ config(contract={'enforced': true}) }}
select order_id, amount::number(38,2) as amount, 'x'::varchar as note from {{ ref('stg_orders') }}
