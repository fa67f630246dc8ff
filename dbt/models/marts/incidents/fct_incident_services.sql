select
    incident_id,
    service,
    team,
    {{ build_id() }} as build_id
from {{ ref('int_incident_services_matched') }}
