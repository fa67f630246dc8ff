-- How long after its deployment finished each counted incident of the range began that a deployment caused, in classes, by how
-- sure the link is. A deployment of several services finishes with the first.
with

finished as (
    select
        deployment_id,
        min(finished_at) as finished_at
    from {marts}fct_deployments
    where finished_at is not null
    group by deployment_id
),

delayed as (
    select
        links.confidence,
        {seconds_between finished.finished_at incidents.started_at} as seconds
    from {marts}fct_incident_deployments as links
    inner join {marts}fct_incidents as incidents
        on links.incident_id = incidents.incident_id
    inner join finished
        on links.deployment_id = finished.deployment_id
    where
        links.role = 'cause'
        and {parts/counted_incidents}
),

classed as (
    select
        confidence,
        case
            when seconds < 0 then 0
            when seconds < 900 then 1
            when seconds < 3600 then 2
            when seconds < 4 * 3600 then 3
            when seconds < 86400 then 4
            when seconds < 7 * 86400 then 5
            else 6
        end as delay_class
    from delayed
),

classes as (
    select 0 as delay_class, '< 0' as delay
    union all
    select 1 as delay_class, '< 15 min' as delay
    union all
    select 2 as delay_class, '15-60 min' as delay
    union all
    select 3 as delay_class, '1-4 h' as delay
    union all
    select 4 as delay_class, '4-24 h' as delay
    union all
    select 5 as delay_class, '1-7 d' as delay
    union all
    select 6 as delay_class, '>= 7 d' as delay
),

sure as (
    select distinct confidence
    from classed
),

found as (
    select
        confidence,
        delay_class,
        count(*) as incidents
    from classed
    group by confidence, delay_class
)

select
    classes.delay_class,
    classes.delay,
    sure.confidence,
    coalesce(found.incidents, 0) as incidents
from classes
cross join sure
left join found
    on classes.delay_class = found.delay_class and sure.confidence = found.confidence
where classes.delay_class > 0 or found.incidents is not null
order by
    classes.delay_class,
    sure.confidence
