-- What each counted incident gives each measure: its count, its time to restore, its time to acknowledge, and the
-- further durations that are configured, in the period of their beginning. A measure has the name of the first metric
-- that is made of it.
with

attribution as (
    select coalesce(max(value), 'restored_at') as attribute_by
    from {{ ref('config_settings') }}
    where name = 'attribute_by'
),

incidents as (
    select
        incidents.incident_id,
        incidents.severity,
        incidents.incident_type,
        incidents.started_at,
        incidents.time_to_acknowledge_seconds,
        incidents.time_to_restore_seconds,
        case
            when attribution.attribute_by = 'started_at' then incidents.started_at
            else incidents.restored_at
        end as restore_counts_at
    from {{ ref('fct_incidents') }} as incidents
    cross join attribution
    where incidents.is_counted and incidents.started_at is not null
),

final as (
    select
        'incidents' as measure,
        incident_id,
        started_at as measured_at,
        severity,
        incident_type,
        cast(1 as int64) as value,
        'I7' as rule
    from incidents
    union all
    select
        'time_to_restore_median_seconds' as measure,
        incident_id,
        restore_counts_at as measured_at,
        severity,
        incident_type,
        time_to_restore_seconds as value,
        'R3' as rule
    from incidents
    where time_to_restore_seconds is not null
    union all
    select
        'time_to_acknowledge_median_seconds' as measure,
        incident_id,
        started_at as measured_at,
        severity,
        incident_type,
        time_to_acknowledge_seconds as value,
        'I4' as rule
    from incidents
    where time_to_acknowledge_seconds is not null
    union all
    select
        durations.slug || '_median_seconds' as measure,
        incidents.incident_id,
        durations.from_at as measured_at,
        incidents.severity,
        incidents.incident_type,
        durations.seconds as value,
        'I4' as rule
    from incidents
    inner join {{ ref('int_incident_durations_measured') }} as durations
        on incidents.incident_id = durations.incident_id
    where durations.seconds is not null
)

select * from final
