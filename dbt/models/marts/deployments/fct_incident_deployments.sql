select
    incident_id,
    deployment_id,
    role,
    method,
    confidence,
    evidence,
    cast(null as string) as decided_by,
    cast(null as string) as reason,
    {{ build_id() }} as build_id
from {{ ref('int_incident_deployments_linked') }}
