-- Incidents of the range by the service that they affected ('' where they name none).
with

by_service as (
{metric
    dimension: 'service'
    dimension_value: coalesce(m.service, '')
    period: 'whole'
    from_date: cast(@from_date as date)
    to_date: cast(@as_of_date as date)
    filters: {parts/measure_filter}
    labels_only: (@field = '')
    metrics: metrics.metric = 'incidents'
}
)

select
    dimension_value as service,
    value,
    low,
    high
from by_service
where value > 0
order by
    value desc,
    service
