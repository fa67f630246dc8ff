-- Who led counted incidents of the range, how many, and how long those lasted together until they were restored or, of those that
-- are being worked on, until the build.
with

lasting as (
    select
        incidents.lead,
        incidents.started_at,
        coalesce(
            incidents.restored_at,
            case when incidents.status_category in ('triage', 'live', 'paused') then publication.as_of end
        ) as ends_at
    from {marts}fct_incidents as incidents
    cross join {marts}publication as publication
    where
        incidents.lead is not null
        and {parts/counted_incidents}
),

timed as (
    select
        lasting.lead,
        {seconds_between lasting.started_at lasting.ends_at} as seconds
    from lasting
)

select
    lead,
    count(*) as incidents,
    cast(sum(case when seconds >= 0 then seconds else 0 end) as int64) as seconds
from timed
group by lead
order by
    seconds desc,
    lead
limit @row_limit
