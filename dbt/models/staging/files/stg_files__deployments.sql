with

present as (
    {{ present(source('files', 'files_deployments')) }}
)

select
    id as source_id,
    service,
    repository,
    environment,
    sha,
    ref,
    status,
    url,
    created_at,
    finished_at,
    fields as fields_json,
    file,
    line,
    _observed_at as observed_at
from present
