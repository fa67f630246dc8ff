-- The lead times of four_keys, month by month, are those of the changes and commits that count, each once: at the
-- service that had it first (C7). Said in other words than the metric template's.
with

first_had as (
    select
        'lead_time_median_seconds' as metric,
        change_id as object_id,
        min(deployed_at) as deployed_at
    from {{ ref('fct_changes') }}
    where is_counted
    group by change_id
    union all
    select
        'commit_lead_time_median_seconds' as metric,
        repository || '@' || sha as object_id,
        min(deployed_at) as deployed_at
    from {{ ref('fct_commits') }}
    where is_counted
    group by repository, sha
),

months as (
    select
        first_had.metric,
        {{ date_floor(local_date('first_had.deployed_at'), 'month') }} as period_start,
        count(*) as amount
    from first_had
    cross join {{ ref('publication') }} as publication
    where {{ local_date('first_had.deployed_at') }} between date '1970-01-01' and publication.as_of_date
    group by first_had.metric, period_start
),

totals as (
    select
        metric,
        period_start,
        sample_size as amount
    from {{ ref('four_keys') }}
    where
        period = 'month'
        and dimension = 'all'
        and metric in ('lead_time_median_seconds', 'commit_lead_time_median_seconds')
)

select
    months.amount,
    totals.amount as amount_in_total,
    coalesce(months.metric, totals.metric) as metric,
    coalesce(months.period_start, totals.period_start) as period_start
from months
full outer join totals
    on months.metric = totals.metric and months.period_start = totals.period_start
where coalesce(months.amount, 0) <> coalesce(totals.amount, 0)
