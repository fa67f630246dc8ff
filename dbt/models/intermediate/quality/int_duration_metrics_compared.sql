-- Each duration of the source beside what lies between the timestamps that it seems to be of, and beside our time to
-- restore: equal to a second, or why not.
with

joined as (
    select
        measured.incident_id,
        measured.duration_metric,
        measured.source_seconds,
        defined.from_name,
        defined.to_name,
        {{ seconds_between(
            "case when defined.from_name = 'created_at' then incidents.created_at else begins.happened_at end",
            "case when defined.to_name = 'created_at' then incidents.created_at else ends.happened_at end"
        ) }} as timestamps_seconds,
        incidents.reference,
        incidents.is_counted,
        incidents.reopened_count,
        incidents.restore_start_basis,
        incidents.restore_end_basis,
        incidents.time_to_restore_seconds
    from {{ ref('int_duration_metrics_unnested') }} as measured
    inner join {{ ref('int_duration_metrics_defined') }} as defined
        on measured.duration_metric = defined.duration_metric
    inner join {{ ref('fct_incidents') }} as incidents
        on measured.incident_id = incidents.incident_id
    left join {{ ref('int_incident_timestamps_unnested') }} as begins
        on measured.incident_id = begins.incident_id and defined.from_name = begins.name
    left join {{ ref('int_incident_timestamps_unnested') }} as ends
        on measured.incident_id = ends.incident_id and defined.to_name = ends.name
    qualify
        row_number() over (
            partition by measured.incident_id, measured.duration_metric
            order by begins.happened_at, ends.happened_at
        ) = 1
),

final as (
    select
        incident_id,
        reference,
        duration_metric,
        source_seconds,
        timestamps_seconds,
        from_name,
        to_name,
        is_counted,
        time_to_restore_seconds,
        coalesce(abs(timestamps_seconds - source_seconds) > 1, from_name is not null) as differs_from_timestamps,
        case
            when not is_counted or time_to_restore_seconds is null then 'not compared'
            when abs(time_to_restore_seconds - source_seconds) <= 1 then 'equal'
            when reopened_count > 0 then 'reopened'
            when from_name is null then 'unknown'
            when
                lower(restore_start_basis) <> lower(from_name) and lower(restore_end_basis) <> lower(to_name)
                then 'both ends'
            when lower(restore_start_basis) <> lower(from_name) then 'start'
            when lower(restore_end_basis) <> lower(to_name) then 'end'
            else 'unknown'
        end as beside_ours
    from joined
)

select * from final
