with

present as (
    {{ present(source('files', 'files_incidents')) }}
)

select
    id as incident_id,
    reference,
    name,
    permalink,
    lower(coalesce(nullif(mode, ''), 'standard')) as mode,
    lower(coalesce(nullif(visibility, ''), 'public')) as visibility,
    severity,
    severity_rank,
    incident_type,
    status,
    lower(status_category) as status_category,
    lead,
    services as services_json,
    created_at,
    started_at,
    reported_at,
    impact_started_at,
    acknowledged_at,
    restored_at,
    closed_at,
    file,
    line,
    _observed_at as observed_at
from present
