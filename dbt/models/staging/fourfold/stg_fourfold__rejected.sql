with

present as (
    {{ present(source('fourfold', 'rejected')) }}
)

select
    id as rejection_id,
    table_name,
    object_id,
    column_name,
    reason,
    landed as is_landed,
    _observed_at as observed_at
from present
