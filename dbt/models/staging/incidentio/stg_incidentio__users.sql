with

present as (
    {{ present(source('incidentio', 'incidentio_users')) }}
)

select
    id as user_id,
    name,
    email,
    role,
    slack_user_id,
    is_active,
    _observed_at as observed_at,
    _source_updated_at as source_updated_at
from present
