-- Deployments by period and service.
with

by_service as (
{metric
    dimension: 'service'
    dimension_value: m.service
    period: cast(@period as string)
    from_date: cast(@from_date as date)
    to_date: cast(@as_of_date as date)
    filters: {parts/delivery_filter}
    labels_only: true
    metrics: metrics.metric = 'deployments'
}
)

select
    period_start,
    dimension_value as service,
    value,
    is_open
from by_service
order by
    period_start,
    service
