-- Findings about the times of counted incidents: missing, or in impossible order (C5).
with

counted as (
    select
        incidents.incident_id,
        incidents.reference,
        incidents.status_category,
        incidents.started_at,
        incidents.acknowledged_at,
        incidents.restored_at,
        incidents.restore_start_basis,
        incidents.restore_end_basis,
        incidents.acknowledge_basis,
        {{ as_of() }} as as_of
    from {{ ref('fct_incidents') }} as incidents
    where incidents.is_counted
),

findings as (
    select
        'resolved_before_start' as rule,
        incident_id,
        {{ said('detail', {
            'en': '{reference} ended at {restored_at:instant} ({restore_end_basis}), before its start at '
                '{started_at:instant} ({restore_start_basis}); it has no time to restore',
            'ja': '{reference}の終了（{restored_at:instant}、{restore_end_basis}）が開始（{started_at:instant}、'
                '{restore_start_basis}）より前のため、復元時間はありません',
        }) }}
    from counted
    where restored_at < started_at
    union all
    select
        'acknowledged_before_start' as rule,
        incident_id,
        {{ said('detail', {
            'en': '{reference} was acknowledged at {acknowledged_at:instant} ({acknowledge_basis}), before its start at '
                '{started_at:instant} ({restore_start_basis}); it has no time to acknowledge',
            'ja': '{reference}の確認（{acknowledged_at:instant}、{acknowledge_basis}）が開始（{started_at:instant}、'
                '{restore_start_basis}）より前のため、確認時間はありません',
        }) }}
    from counted
    where acknowledged_at < started_at
    union all
    select
        'time_in_future' as rule,
        incident_id,
        {{ said('detail', {
            'en': '{reference} starts or ends after the data was read',
            'ja': '{reference}の開始または終了が、データを取得した時刻より後です',
        }) }}
    from counted
    where started_at > as_of or restored_at > as_of
    union all
    select
        'missing_start' as rule,
        incident_id,
        {{ said('detail', {
            'en': '{reference} has none of the configured start times; it is in no metric',
            'ja': '{reference}には設定した開始時刻がどれもないため、どの指標にも入りません',
        }) }}
    from counted
    where started_at is null
    union all
    select
        'missing_end' as rule,
        incident_id,
        {{ said('detail', {
            'en': '{reference} is {status_category} and has none of the configured end times; it has no time to restore',
            'ja': '{reference}はステータス区分が{status_category}で、設定した終了時刻がどれもないため、復元時間がありません',
        }) }}
    from counted
    where restored_at is null and status_category in ('learning', 'closed')
),

final as (
    select
        rule,
        'warn' as severity,
        'incident' as object_type,
        incident_id as object_id,
        detail,
        detail_ja
    from findings
)

select * from final
