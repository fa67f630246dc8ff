-- Findings about incidents: times that are missing or in impossible order, what no breakdown can show, and what
-- does not count only because it is not known.
with

counted as (
    select
        incidents.incident_id,
        incidents.reference,
        incidents.severity,
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

with_service as (
    select distinct incident_id from {{ ref('int_incident_services_matched') }}
),

findings as (
    select
        'resolved_before_start' as rule,
        'warn' as severity,
        incident_id,
        reference || ' ended at ' || {{ instant_to_text('restored_at') }} || ' (' || restore_end_basis
        || '), before its start at ' || {{ instant_to_text('started_at') }} || ' (' || restore_start_basis
        || '); it has no time to restore' as detail
    from counted
    where restored_at < started_at
    union all
    select
        'acknowledged_before_start' as rule,
        'warn' as severity,
        incident_id,
        reference || ' was acknowledged at ' || {{ instant_to_text('acknowledged_at') }} || ' (' || acknowledge_basis
        || '), before its start at ' || {{ instant_to_text('started_at') }} || ' (' || restore_start_basis
        || '); it has no time to acknowledge' as detail
    from counted
    where acknowledged_at < started_at
    union all
    select
        'time_in_future' as rule,
        'warn' as severity,
        incident_id,
        reference || ' starts or ends after the data was read' as detail
    from counted
    where started_at > as_of or restored_at > as_of
    union all
    select
        'missing_start' as rule,
        'warn' as severity,
        incident_id,
        reference || ' has none of the configured start times; it is in no metric' as detail
    from counted
    where started_at is null
    union all
    select
        'missing_end' as rule,
        'warn' as severity,
        incident_id,
        reference || ' is ' || status_category
        || ' and has none of the configured end times; it has no time to restore' as detail
    from counted
    where restored_at is null and status_category in ('learning', 'closed')
    union all
    select
        'no_severity' as rule,
        'info' as severity,
        incident_id,
        reference || ' has no severity; it is in totals only' as detail
    from counted
    where severity is null
    union all
    select
        'no_service' as rule,
        'info' as severity,
        counted.incident_id,
        counted.reference || ' names no configured service; it is in totals and in breakdowns that need none' as detail
    from counted
    left join with_service on counted.incident_id = with_service.incident_id
    where with_service.incident_id is null
    union all
    select
        'unknown_status_category' as rule,
        'warn' as severity,
        incident_id,
        reference || ' does not count: its status category ' || status_category || ' is not known (I2)' as detail
    from {{ ref('fct_incidents') }}
    where
        status_category not in ('triage', 'live', 'paused', 'learning', 'closed', 'declined', 'merged', 'canceled')
    union all
    select
        'unknown_mode' as rule,
        'warn' as severity,
        incident_id,
        reference || ' has the mode ' || mode
        || ', which is not known; metrics.counted.modes says whether it counts (I1)' as detail
    from {{ ref('fct_incidents') }}
    where mode not in ('standard', 'retrospective', 'test', 'tutorial', 'stream')
),

final as (
    select
        rule,
        severity,
        'incident' as object_type,
        incident_id as object_id,
        detail
    from findings
)

select * from final
