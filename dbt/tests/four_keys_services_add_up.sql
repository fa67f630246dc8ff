-- Of each service, year by year, four_keys counts the rows that the marts have of it: an incident of two services and a
-- deployment to two are in the counts of both, a change is in that of every service that it was shipped to. What the
-- services add up to is more than the total by what they share, which other tests hold to the marts.
with

counted as (
    select
        'incidents' as metric,
        services.service,
        incidents.started_at as counts_at,
        1 as amount
    from {{ ref('fct_incident_services') }} as services
    inner join {{ ref('fct_incidents') }} as incidents
        on services.incident_id = incidents.incident_id
    where incidents.is_counted and incidents.started_at is not null
    union all
    select
        'deployments' as metric,
        service,
        finished_at as counts_at,
        1 as amount
    from {{ ref('fct_deployments') }}
    where is_counted
    union all
    select
        'change_failure_rate' as metric,
        service,
        finished_at as counts_at,
        case when is_change_failure then 1 else 0 end as amount
    from {{ ref('fct_deployments') }}
    where is_counted
    union all
    select
        'lead_time_median_seconds' as metric,
        service,
        deployed_at as counts_at,
        1 as amount
    from {{ ref('fct_changes') }}
    where is_counted
    union all
    select
        'commit_lead_time_median_seconds' as metric,
        service,
        deployed_at as counts_at,
        1 as amount
    from {{ ref('fct_commits') }}
    where is_counted
),

years as (
    select
        counted.metric,
        counted.service,
        {{ date_floor(local_date('counted.counts_at'), 'year') }} as period_start,
        sum(counted.amount) as amount
    from counted
    cross join {{ ref('publication') }} as publication
    where {{ local_date('counted.counts_at') }} between date '1970-01-01' and publication.as_of_date
    group by counted.metric, counted.service, period_start
),

-- Of a rate how many cases it has, of a median of how many objects it is.
told as (
    select
        metric,
        dimension_value as service,
        period_start,
        case
            when metric in ('incidents', 'deployments') then value
            when metric = 'change_failure_rate' then value * sample_size
            else sample_size
        end as amount
    from {{ ref('four_keys') }}
    where
        period = 'year'
        and dimension = 'service'
        and metric in (
            'incidents',
            'deployments',
            'change_failure_rate',
            'lead_time_median_seconds',
            'commit_lead_time_median_seconds'
        )
)

select
    years.amount,
    told.amount as amount_told,
    coalesce(years.metric, told.metric) as metric,
    coalesce(years.service, told.service) as service,
    coalesce(years.period_start, told.period_start) as period_start
from years
full outer join told
    on
        years.metric = told.metric
        and years.service = told.service
        and years.period_start = told.period_start
where abs(coalesce(years.amount, 0) - coalesce(told.amount, 0)) > 0.000001
