select
    service,
    team,
    {{ build_id() }} as build_id
from {{ ref('config_services') }}
