{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='ordered_at', begin='2024-03-01',
  batch_size='day', lookback=1) }}
select order_id, ordered_at, {{ var('run_number') }} as run_number from {{ ref('events_by_time') }}
