{{ config(severity='warn', warn_if='>0', error_if='>10') }}
select * from {{ ref('stg_orders') }} where amount > 900
