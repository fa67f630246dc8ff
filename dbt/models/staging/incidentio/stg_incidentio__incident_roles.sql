with

present as (
    {{ present(source('incidentio', 'incidentio_incident_roles')) }}
)

select
    id as role_id,
    name,
    role_type,
    shortform,
    description,
    created_at,
    updated_at,
    _observed_at as observed_at,
    _source_updated_at as source_updated_at
from present
