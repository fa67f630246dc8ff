-- How long counted incidents lasted together, by the period in which they began and by team ('' where there is none), until they
-- were restored or, of those that are being worked on, until the build. One of several teams is in each.
with

affected as (
    select distinct
        incident_id,
        service,
        team
    from {marts}fct_incident_services
),

lasting as (
    select distinct
        incidents.incident_id,
        coalesce(affected.team, '') as team,
        {local_date incidents.started_at} as local_date,
        incidents.started_at,
        coalesce(
            incidents.restored_at,
            case when incidents.status_category in ('triage', 'live', 'paused') then publication.as_of end
        ) as ends_at
    from {marts}fct_incidents as incidents
    cross join {marts}publication as publication
    left join affected
        on incidents.incident_id = affected.incident_id
    where
        {parts/counted_incidents}
        and (@service = '' or affected.service = @service)
        and (@team = '' or affected.team = @team)
),

placed as (
    select
        {period_of lasting.local_date} as period_start,
        {period_of publication.as_of_date} as open_start,
        lasting.team,
        {seconds_between lasting.started_at lasting.ends_at} as seconds
    from lasting
    cross join {marts}publication as publication
)

select
    period_start,
    team,
    cast(sum(seconds) as int64) as seconds,
    count(*) as sample_size,
    period_start = max(open_start) as is_open
from placed
where seconds >= 0
group by
    period_start,
    team
order by
    period_start,
    team
