with

present as (
    {{ present(source('incidentio', 'incidentio_custom_field_options')) }}
)

select
    id as option_id,
    custom_field_id as field_id,
    value,
    sort_key,
    _observed_at as observed_at,
    _source_updated_at as source_updated_at
from present
