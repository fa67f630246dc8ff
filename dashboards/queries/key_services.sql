-- The Four Keys and rework of each service over the whole range.
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
    metrics: metrics.metric in {parts/key_metrics}
}
)

select
    dimension_value as service,
    metric,
    value,
    sample_size,
    low,
    high,
    level
from by_service
order by
    service,
    metric
