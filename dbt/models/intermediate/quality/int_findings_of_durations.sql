-- Durations of metrics.durations whose end is before their beginning, of counted incidents (C5).
with

final as (
    select
        'duration_negative' as rule,
        'warn' as severity,
        'incident' as object_type,
        durations.incident_id as object_id,
        {{ said('detail', {
            'en': '{incidents.reference} has an end of "{durations.duration}" at {durations.to_at:instant}, before its '
                'beginning at {durations.from_at:instant}; it has no such duration',
            'ja': '{incidents.reference}の「{durations.duration}」は、終わり（{durations.to_at:instant}）が始まり'
                '（{durations.from_at:instant}）より前のため、値がありません',
        }) }}
    from {{ ref('int_incident_durations_measured') }} as durations
    inner join {{ ref('fct_incidents') }} as incidents
        on durations.incident_id = incidents.incident_id
    where incidents.is_counted and durations.to_at < durations.from_at
)

select * from final
