with

present as (
    {{ present(source('incidentio', 'incidentio_severities')) }}
)

select
    id as severity_id,
    name,
    description,
    rank,
    created_at,
    updated_at,
    _observed_at as observed_at,
    _source_updated_at as source_updated_at
from present
