with

present as (
    {{ present(source('incidentio', 'incidentio_incident_types')) }}
)

select
    id as incident_type_id,
    name,
    description,
    is_default,
    create_in_triage,
    private_incidents_only,
    created_at,
    updated_at,
    _observed_at as observed_at,
    _source_updated_at as source_updated_at
from present
