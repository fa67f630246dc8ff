-- Whether an incident counts for the metrics, and the first rule that it fails (I1, I2, I7). Private incidents that may
-- not be shown are gone before this (I3).
with

severity_floor as (
    select
        min(severities.name) as severities_from,
        min(severities.rank) as rank
    from {{ ref('config_settings') }} as settings
    left join {{ ref('stg_incidentio__severities') }} as severities
        on lower(settings.value) = lower(severities.name)
    where settings.name = 'severities_from'
),

without_severity as (
    select coalesce(max(lower(value)), 'true') <> 'false' as is_counted
    from {{ ref('config_settings') }}
    where name = 'without_severity'
),

modes as (
    select distinct lower(value) as value
    from {{ ref('config_counted') }}
    where kind = 'mode'
),

excluded_types as (
    select distinct lower(value) as value
    from {{ ref('config_counted') }}
    where kind = 'exclude_type'
),

judged as (
    select
        incidents.incident_id,
        case
            when modes.value is null
                then 'I1 mode ' || coalesce(incidents.mode, 'unknown')
            when incidents.status_category is null
                then 'I2 status category unknown'
            when incidents.status_category not in ('live', 'paused', 'learning', 'closed')
                then 'I2 status category ' || incidents.status_category
            when excluded_types.value is not null
                then 'I7 incident type ' || incidents.incident_type
            when severity_floor.rank is not null and incidents.severity is null and not without_severity.is_counted
                then 'I7 no severity'
            when severity_floor.rank is not null and incidents.severity_rank < severity_floor.rank
                then 'I7 severity ' || incidents.severity || ' is below ' || severity_floor.severities_from
        end as exclusion_reason
    from {{ ref('int_incidents_joined') }} as incidents
    cross join severity_floor
    cross join without_severity
    left join modes on lower(incidents.mode) = modes.value
    left join excluded_types on lower(incidents.incident_type) = excluded_types.value
),

final as (
    select
        incident_id,
        exclusion_reason is null as is_counted,
        exclusion_reason
    from judged
)

select * from final
