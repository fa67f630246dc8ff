-- Of each service, year by year, four_keys counts what fct_incident_services names: an incident of two services is in
-- the count of both.
with

incidents as (
    select
        services.service,
        {{ date_floor(local_date('incidents.started_at'), 'year') }} as period_start,
        count(*) as incident_count
    from {{ ref('fct_incident_services') }} as services
    inner join {{ ref('fct_incidents') }} as incidents
        on services.incident_id = incidents.incident_id
    cross join {{ ref('publication') }} as publication
    where
        incidents.is_counted
        and incidents.started_at is not null
        and {{ local_date('incidents.started_at') }} <= publication.as_of_date
    group by services.service, period_start
),

totals as (
    select
        dimension_value as service,
        period_start,
        value
    from {{ ref('four_keys') }}
    where metric = 'incidents' and period = 'year' and dimension = 'service'
)

select
    incidents.incident_count,
    totals.value,
    coalesce(incidents.service, totals.service) as service
from incidents
full outer join totals
    on incidents.service = totals.service and incidents.period_start = totals.period_start
where coalesce(incidents.incident_count, 0) <> coalesce(totals.value, 0)
