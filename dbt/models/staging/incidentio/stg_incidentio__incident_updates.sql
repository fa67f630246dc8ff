with

present as (
    {{ present(source('incidentio', 'incidentio_incident_updates')) }}
)

select
    id as update_id,
    incident_id,
    status_id,
    status_name,
    status_category,
    severity_id,
    severity_name,
    severity_rank,
    merged_into_incident_id,
    updater_id,
    updater_name,
    message,
    created_at,
    _observed_at as observed_at,
    _source_updated_at as source_updated_at
from present
