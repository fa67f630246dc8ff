with

present as (
    {{ present(source('incidentio', 'incidentio_incident_statuses')) }}
)

select
    id as status_id,
    name,
    description,
    category,
    rank,
    created_at,
    updated_at,
    _observed_at as observed_at,
    _source_updated_at as source_updated_at
from present
