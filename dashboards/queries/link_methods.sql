-- Counted incidents by the period in which they began and by how their cause is known: by the surest of their links; 'decided'
-- where a person said that no deployment caused it, 'unlinked' where nothing is known.
with

links as (
    select
        incident_id,
        method,
        confidence,
        row_number() over (
            partition by incident_id
            order by case confidence when 'high' then 1 when 'medium' then 2 else 3 end, method, deployment_id
        ) as place
    from {marts}fct_incident_deployments
    where role = 'cause'
),

begun as (
    select
        {local_date incidents.started_at} as local_date,
        coalesce(links.method, case when unlinked.decided_by is not null then 'decided' else 'unlinked' end) as method,
        coalesce(links.confidence, 'none') as confidence
    from {marts}fct_incidents as incidents
    cross join {marts}publication as publication
    left join links
        on incidents.incident_id = links.incident_id and links.place = 1
    left join {marts}fct_unlinked_incidents as unlinked
        on incidents.incident_id = unlinked.incident_id
    where
        {parts/counted_incidents}
),

placed as (
    select
        {period_of begun.local_date} as period_start,
        {period_of publication.as_of_date} as open_start,
        begun.method,
        begun.confidence
    from begun
    cross join {marts}publication as publication
)

select
    period_start,
    case confidence when 'high' then 1 when 'medium' then 2 when 'low' then 3 else 4 end as method_class,
    method,
    confidence,
    count(*) as incidents,
    period_start = max(open_start) as is_open
from placed
group by
    period_start,
    method,
    confidence
order by
    period_start,
    method_class,
    method
