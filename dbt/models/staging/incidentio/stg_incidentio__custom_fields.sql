with

present as (
    {{ present(source('incidentio', 'incidentio_custom_fields')) }}
)

select
    id as field_id,
    name,
    field_type,
    description,
    catalog_type_id,
    created_at,
    updated_at,
    _observed_at as observed_at,
    _source_updated_at as source_updated_at
from present
