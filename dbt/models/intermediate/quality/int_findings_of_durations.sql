-- Durations of metrics.durations whose end is before their beginning, of counted incidents (C5).
with

final as (
    select
        'duration_negative' as rule,
        'warn' as severity,
        'incident' as object_type,
        durations.incident_id as object_id,
        incidents.reference || ' has an end of "' || durations.duration || '" at '
        || {{ instant_to_text('durations.to_at') }} || ', before its beginning at '
        || {{ instant_to_text('durations.from_at') }} || '; it has no such duration' as detail
    from {{ ref('int_incident_durations_measured') }} as durations
    inner join {{ ref('fct_incidents') }} as incidents
        on durations.incident_id = incidents.incident_id
    where incidents.is_counted and durations.to_at < durations.from_at
)

select * from final
