-- How many incidents of the range count, how many do not, and why.
select
    coalesce(incidents.exclusion_reason, '') as exclusion_reason,
    count(*) as incidents,
    count(case when incidents.is_counted and incidents.restored_at is null then 1 end) as unrestored
from {marts}fct_incidents as incidents
where
    coalesce(incidents.started_at, incidents.created_at) >= @from_at
    and coalesce(incidents.started_at, incidents.created_at) < @to_at
    and {parts/incident_filter}
group by 1
order by
    incidents desc,
    exclusion_reason
