-- Incidents by period and type ('' where there is none).
with

by_type as (
{metric
    dimension: 'incident_type'
    dimension_value: coalesce(m.incident_type, '')
    period: cast(@period as string)
    from_date: cast(@from_date as date)
    to_date: cast(@as_of_date as date)
    filters: {parts/measure_filter}
    objects_only: (@service = '' and @team = '')
    labels_only: (@field = '')
    metrics: metrics.metric = 'incidents'
}
)

select
    period_start,
    dimension_value as incident_type,
    value,
    is_open
from by_type
order by
    period_start,
    incident_type
