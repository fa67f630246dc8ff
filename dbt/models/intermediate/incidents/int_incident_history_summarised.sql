-- What the status history says of each incident: when live work began and was left, and how often it was reopened (I5).
with

work as (
    select
        incident_id,
        position,
        happened_at,
        phase,
        lag(phase) over (
            partition by incident_id
            order by position
        ) as prior_phase
    from {{ ref('int_incident_status_changes') }}
    where phase in ('live', 'after')
),

moves as (
    select
        incident_id,
        position,
        happened_at,
        phase = 'after' and coalesce(prior_phase, 'live') = 'live' as is_leaving,
        phase = 'live' and prior_phase = 'after' as is_reopening,
        phase = 'live' and row_number() over (
            partition by incident_id
            order by position desc
        ) = 1 as is_live_at_last
    from work
),

work_summary as (
    select
        incident_id,
        min(case when is_leaving then happened_at end) as first_left_live_at,
        max(case when is_leaving then happened_at end) as last_left_live_at,
        sum(case when is_reopening then 1 else 0 end) as reopened_count,
        max(case when is_live_at_last then 1 else 0 end) = 1 as is_live_at_last
    from moves
    group by incident_id
),

entries as (
    select
        incident_id,
        min(happened_at) as entered_live_at
    from {{ ref('int_incident_status_changes') }}
    where prior_category = 'triage' and status_category = 'live'
    group by incident_id
),

final as (
    select
        incidents.incident_id,
        entries.entered_live_at,
        work_summary.first_left_live_at,
        work_summary.last_left_live_at,
        coalesce(work_summary.reopened_count, 0) as reopened_count,
        coalesce(work_summary.is_live_at_last, false) as is_live_at_last
    from {{ ref('int_incidents_joined') }} as incidents
    left join work_summary on incidents.incident_id = work_summary.incident_id
    left join entries on incidents.incident_id = entries.incident_id
)

select * from final
