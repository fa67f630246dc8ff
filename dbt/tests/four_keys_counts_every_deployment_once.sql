-- The totals of four_keys, month by month, are the counted deployments of fct_deployments, each once however many
-- services it has, and so are the failed ones among them. Said in other words than the metric template's.
with

deployments as (
    select
        deployment_id,
        min(finished_at) as finished_at,
        max(case when is_change_failure then 1 else 0 end) as failures
    from {{ ref('fct_deployments') }}
    where is_counted
    group by deployment_id
),

months as (
    select
        {{ date_floor(local_date('deployments.finished_at'), 'month') }} as period_start,
        count(*) as deployment_count,
        sum(deployments.failures) as failure_count
    from deployments
    cross join {{ ref('publication') }} as publication
    where {{ local_date('deployments.finished_at') }} between date '1970-01-01' and publication.as_of_date
    group by period_start
),

totals as (
    select
        period_start,
        max(case when metric = 'deployments' then value end) as deployment_count,
        max(case when metric = 'change_failure_rate' then value * sample_size end) as failure_count
    from {{ ref('four_keys') }}
    where period = 'month' and dimension = 'all'
    group by period_start
)

select
    months.deployment_count,
    totals.deployment_count as deployments_in_total,
    months.failure_count,
    totals.failure_count as failures_in_total,
    coalesce(months.period_start, totals.period_start) as period_start
from months
full outer join totals on months.period_start = totals.period_start
where
    coalesce(months.deployment_count, 0) <> coalesce(totals.deployment_count, 0)
    or abs(coalesce(months.failure_count, 0) - coalesce(totals.failure_count, 0)) > 0.000001
