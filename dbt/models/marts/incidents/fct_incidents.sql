with

final as (
    select
        incidents.incident_id,
        incidents.reference,
        incidents.name,
        incidents.permalink,
        incidents.mode,
        incidents.visibility,
        incidents.severity,
        incidents.severity_rank,
        declared.declared_severity,
        incidents.incident_type,
        incidents.status,
        incidents.status_category,
        incidents.lead,
        incidents.created_at,
        times.started_at,
        times.reported_at,
        times.impact_started_at,
        times.acknowledged_at,
        times.restored_at,
        times.closed_at,
        cast(history.reopened_count as int64) as reopened_count,
        case
            when times.acknowledged_at >= times.started_at
                then {{ seconds_between('times.started_at', 'times.acknowledged_at') }}
        end as time_to_acknowledge_seconds,
        case
            when times.restored_at >= times.started_at
                then {{ seconds_between('times.started_at', 'times.restored_at') }}
        end as time_to_restore_seconds,
        times.restore_start_basis,
        times.restore_end_basis,
        times.acknowledge_basis,
        counted.is_counted,
        counted.exclusion_reason,
        {{ build_id() }} as build_id
    from {{ ref('int_incidents_joined') }} as incidents
    inner join {{ ref('int_incident_times_chosen') }} as times
        on incidents.incident_id = times.incident_id
    inner join {{ ref('int_incident_history_summarised') }} as history
        on incidents.incident_id = history.incident_id
    inner join {{ ref('int_incident_severities_declared') }} as declared
        on incidents.incident_id = declared.incident_id
    inner join {{ ref('int_incidents_counted') }} as counted
        on incidents.incident_id = counted.incident_id
)

select * from final
