select
    incident_id,
    deployment_id,
    role,
    method,
    confidence,
    evidence,
    decided_by,
    reason,
    {{ build_id() }} as build_id
from {{ ref('int_incident_deployments_linked') }}
