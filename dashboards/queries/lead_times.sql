-- The median and the ninth decile of the lead time by period.
with

by_period as (
{metric
    period: cast(@period as string)
    from_date: cast(@from_date as date)
    to_date: cast(@as_of_date as date)
    filters: {parts/delivery_filter}
    objects_only: (@service = '' and @team = '')
    labels_only: true
    metrics: metrics.metric in ('lead_time_median_seconds', 'lead_time_p90_seconds')
}
)

select
    period_start,
    metric,
    value,
    sample_size,
    low,
    high,
    is_open
from by_period
order by
    metric,
    period_start
