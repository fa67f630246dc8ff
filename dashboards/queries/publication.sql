-- The build that is published: one row.
select
    build_id,
    built_at,
    as_of,
    as_of_date,
    timezone,
    week_start,
    program_version,
    dbt_version,
    config_hash,
    freshness
from {marts}publication
