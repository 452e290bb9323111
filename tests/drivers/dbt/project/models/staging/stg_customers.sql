select id as customer_id, name, nullif(trim(email), '') as email, active, signed_up::date as signed_up
from {{ ref('raw_customers') }}
