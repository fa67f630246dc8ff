-- The Four Keys and rework by period.
with

by_period as (
{metric
    period: cast(@period as string)
    from_date: cast(@from_date as date)
    to_date: cast(@as_of_date as date)
    filters: {parts/delivery_filter}
    objects_only: (@service = '' and @team = '')
    labels_only: true
    metrics: metrics.metric in {parts/key_metrics}
}
)

select
    metric,
    period_start,
    value,
    sample_size,
    low,
    high,
    level,
    is_open
from by_period
order by
    metric,
    period_start
