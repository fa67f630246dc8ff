-- The change failure rate by period, with its interval.
with

by_period as (
{metric
    period: cast(@period as string)
    from_date: cast(@from_date as date)
    to_date: cast(@as_of_date as date)
    filters: {parts/delivery_filter}
    objects_only: (@service = '' and @team = '')
    labels_only: true
    metrics: metrics.metric = 'change_failure_rate'
}
)

select
    period_start,
    value,
    sample_size,
    low,
    high,
    is_open
from by_period
order by period_start
