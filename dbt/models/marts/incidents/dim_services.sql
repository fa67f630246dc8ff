select
    service,
    team,
    {{ build_id() }} as build_id
from {{ source('ship', 'ship_services') }}
