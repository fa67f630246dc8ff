-- What became of the counted incidents that began in the range, by severity: those that were restored in it, and why the others
-- have no time to restore there. Those that were restored in it and began before it are the only ones that did not begin in it.
with

restores as (
    select
        m.object_id,
        min(m.local_date) as local_date
    from {marts}fct_measures as m
    where m.metric = 'time_to_restore_median_seconds'
    group by m.object_id
),

begun as (
    select
        incidents.incident_id,
        coalesce(incidents.severity, '') as severity,
        incidents.status_category,
        incidents.started_at,
        incidents.restored_at,
        restores.object_id is not null as has_time,
        coalesce(restores.local_date between cast(@from_date as date) and cast(@as_of_date as date), false) as is_restored_in_range,
        coalesce(incidents.started_at, incidents.created_at) >= @from_at
        and coalesce(incidents.started_at, incidents.created_at) < @to_at as is_in_range
    from {marts}fct_incidents as incidents
    left join restores
        on incidents.incident_id = restores.object_id
    where
        incidents.is_counted
        and {parts/incident_filter}
),

judged as (
    select
        severity,
        case
            when not is_in_range then 'began_before'
            when started_at is null then 'no_start'
            when is_restored_in_range then 'restored'
            when has_time then 'restored_after'
            when restored_at is not null then 'ended_before_start'
            when status_category in ('triage', 'live', 'paused') then 'open'
            else 'no_end'
        end as outcome
    from begun
    where is_in_range or is_restored_in_range
)

select
    severity,
    outcome,
    count(*) as incidents
from judged
group by
    severity,
    outcome
order by
    severity,
    outcome
