select
    severity_id,
    name as severity,
    description,
    rank as severity_rank,
    {{ build_id() }} as build_id
from {{ ref('stg_incidentio__severities') }}
