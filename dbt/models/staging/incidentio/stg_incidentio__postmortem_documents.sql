with

present as (
    {{ present(source('incidentio', 'incidentio_postmortem_documents')) }}
)

select
    id as postmortem_document_id,
    incident_id,
    title,
    type as document_type,
    status,
    document_url,
    exported_urls as exported_urls_json,
    created_at,
    updated_at,
    _observed_at as observed_at
from present
