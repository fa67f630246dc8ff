select
    incident_id,
    deployment_id,
    role,
    method,
    confidence,
    evidence,
    evidence_ja,
    decided_by,
    reason,
    {{ build_id() }} as build_id
from {{ ref('int_incident_deployments_linked') }}
