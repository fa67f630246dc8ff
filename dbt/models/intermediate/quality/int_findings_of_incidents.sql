-- Findings about incidents: what no breakdown can show, and what does not count only because it is not known.
with

counted as (
    select
        incident_id,
        reference,
        severity
    from {{ ref('fct_incidents') }}
    where is_counted
),

with_service as (
    select distinct incident_id from {{ ref('int_incident_services_matched') }}
),

findings as (
    select
        'no_severity' as rule,
        'info' as severity,
        incident_id,
        {{ said('detail', {
            'en': '{reference} has no severity; it is in totals only',
            'ja': '{reference}には重大度がないため、全体の値にだけ入ります',
        }) }}
    from counted
    where severity is null
    union all
    select
        'no_service' as rule,
        'info' as severity,
        counted.incident_id,
        {{ said('detail', {
            'en': '{counted.reference} names no configured service; it is in totals and in breakdowns that need none',
            'ja': '{counted.reference}は設定済みのサービスに該当しないため、全体の値とサービスによらない内訳にだけ入ります',
        }) }}
    from counted
    left join with_service on counted.incident_id = with_service.incident_id
    where with_service.incident_id is null
    union all
    select
        'unknown_status_category' as rule,
        'warn' as severity,
        incident_id,
        {{ said('detail', {
            'en': '{reference} does not count: its status category {status_category} is not known (I2)',
            'ja': '{reference}は集計対象外です。ステータス区分{status_category}が不明です（I2）',
        }) }}
    from {{ ref('fct_incidents') }}
    where
        status_category not in ('triage', 'live', 'paused', 'learning', 'closed', 'declined', 'merged', 'canceled')
    union all
    select
        'unknown_mode' as rule,
        'warn' as severity,
        incident_id,
        {{ said('detail', {
            'en': '{reference} has the mode {mode}, which is not known; metrics.counted.modes says whether it counts (I1)',
            'ja': '{reference}のモード{mode}は不明です。集計対象かどうかはmetrics.counted.modesで決まります（I1）',
        }) }}
    from {{ ref('fct_incidents') }}
    where mode not in ('standard', 'retrospective', 'test', 'tutorial', 'stream')
),

final as (
    select
        rule,
        severity,
        'incident' as object_type,
        incident_id as object_id,
        detail,
        detail_ja
    from findings
)

select * from final
