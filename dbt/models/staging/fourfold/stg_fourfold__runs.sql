select
    run_id,
    observed_at,
    source,
    stream,
    table_name,
    started_at,
    finished_at,
    status,
    error,
    is_full,
    rows_read,
    versions_added,
    tombstones,
    rejected,
    requests
from {{ source('fourfold', 'runs') }}
where observed_at <= {{ as_of() }}
