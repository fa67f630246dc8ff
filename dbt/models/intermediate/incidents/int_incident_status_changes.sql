-- The status history: each update that changed the status, ordered by (time, id) (I5).
--
-- incident.io need not write an update for the status that an incident was created with: what was before the first
-- update is not known, and a first update into learning or closed is a move out of live work. Phases: triage before,
-- live and paused are live work, learning and closed are after it; the rest is void and no part of the history of work.
with

updates as (
    select
        updates.incident_id,
        updates.update_id,
        updates.created_at as happened_at,
        coalesce(statuses.name, updates.status_name) as status,
        coalesce(statuses.category, updates.status_category) as status_category
    from {{ ref('stg_incidentio__incident_updates') }} as updates
    inner join {{ ref('int_incidents_joined') }} as incidents
        on updates.incident_id = incidents.incident_id
    left join {{ ref('stg_incidentio__incident_statuses') }} as statuses
        on updates.status_id = statuses.status_id
    where updates.status_id is not null or updates.status_category is not null
),

compared as (
    select
        incident_id,
        update_id,
        happened_at,
        status,
        status_category,
        lag(coalesce(status, status_category)) over (
            partition by incident_id
            order by happened_at, update_id
        ) as prior_status,
        lag(status_category) over (
            partition by incident_id
            order by happened_at, update_id
        ) as prior_category
    from updates
),

changes as (
    select
        incident_id,
        update_id,
        happened_at,
        status,
        status_category,
        prior_category
    from compared
    where
        prior_status is null
        or prior_status <> coalesce(status, status_category)
        or prior_category <> status_category
),

final as (
    select
        incident_id,
        update_id,
        happened_at,
        status,
        status_category,
        prior_category,
        case
            when status_category = 'triage' then 'triage'
            when status_category in ('live', 'paused') then 'live'
            when status_category in ('learning', 'closed') then 'after'
            else 'void'
        end as phase,
        happened_at as started_at,
        row_number() over (
            partition by incident_id
            order by happened_at, update_id
        ) as position
    from changes
)

select * from final
