-- Of each period, how many deployments there were and which share of them failed, with its interval.
with

by_period as (
{metric
    period: cast(@period as string)
    from_date: cast(@from_date as date)
    to_date: cast(@as_of_date as date)
    filters: {parts/delivery_filter}
    objects_only: (@service = '' and @team = '')
    labels_only: true
    metrics: metrics.metric in ('deployments', 'change_failure_rate')
}
),

final as (
    select
        period_start,
        cast(max(case when metric = 'deployments' then value end) as int64) as deployments,
        max(case when metric = 'change_failure_rate' then value end) as value,
        max(case when metric = 'change_failure_rate' then sample_size end) as sample_size,
        max(case when metric = 'change_failure_rate' then low end) as low,
        max(case when metric = 'change_failure_rate' then high end) as high,
        max(case when is_open then 1 else 0 end) = 1 as is_open
    from by_period
    group by period_start
)

select
    period_start,
    deployments,
    value,
    sample_size,
    low,
    high,
    is_open
from final
where sample_size > 0
order by period_start
