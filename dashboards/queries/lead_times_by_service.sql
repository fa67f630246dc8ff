-- The median lead time of each service over the range, with its interval.
with

by_service as (
{metric
    dimension: 'service'
    dimension_value: m.service
    period: 'whole'
    from_date: cast(@from_date as date)
    to_date: cast(@as_of_date as date)
    filters: {parts/delivery_filter}
    labels_only: true
    metrics: metrics.metric = 'lead_time_median_seconds'
}
)

select
    dimension_value as service,
    value,
    sample_size,
    low,
    high,
    level
from by_service
where sample_size > 0
order by
    value desc,
    service
