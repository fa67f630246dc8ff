select
    incident_id,
    duration,
    from_at,
    to_at,
    seconds,
    {{ build_id() }} as build_id
from {{ ref('int_incident_durations_measured') }}
