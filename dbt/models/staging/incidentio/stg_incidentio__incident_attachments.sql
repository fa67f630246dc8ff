with

present as (
    {{ present(source('incidentio', 'incidentio_incident_attachments')) }}
)

select
    id as attachment_id,
    incident_id,
    resource_type,
    external_id,
    permalink,
    title,
    _observed_at as observed_at,
    _source_updated_at as source_updated_at
from present
