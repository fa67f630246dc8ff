select
    incident_id,
    duration,
    slug || '_median_seconds' as measure,
    from_at,
    to_at,
    from_basis,
    to_basis,
    seconds,
    {{ build_id() }} as build_id
from {{ ref('int_incident_durations_measured') }}
