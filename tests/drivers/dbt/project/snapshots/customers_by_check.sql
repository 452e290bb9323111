{% snapshot customers_by_check %}
{{ config(unique_key='id', strategy='check', check_cols=['name', 'email'], invalidate_hard_deletes=true) }}
select * from {{ ref('raw_customers') }}
{% if var('run_number') | int > 1 %} where id <> 2 union all select 5, 'New', null, true, '2024-05-05' {% endif %}
{% endsnapshot %}
