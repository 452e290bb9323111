{{ config(sql_header="set month_format = 'YYYY-MM';") }}
select to_char(month, $month_format) as month, sum(amount) as amount, {{ dbt.listagg("order_id", "','", "order by order_id") }} as orders
from {{ ref('stg_ephemeral') }} group by 1
