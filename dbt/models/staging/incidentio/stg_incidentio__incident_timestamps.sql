with

present as (
    {{ present(source('incidentio', 'incidentio_incident_timestamps')) }}
)

select
    id as timestamp_id,
    name,
    rank,
    _observed_at as observed_at,
    _source_updated_at as source_updated_at
from present
