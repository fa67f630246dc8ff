-- Incident metrics over the whole range, for all incidents and by severity ('' where there is none).
with

totals as (
{metric
    period: 'whole'
    from_date: cast(@from_date as date)
    to_date: cast(@as_of_date as date)
    filters: {parts/measure_filter}
    objects_only: (@service = '' and @team = '')
    labels_only: (@field = '')
    metrics: metrics.object_type = 'incident'
}
),

severities as (
{metric
    dimension: 'severity'
    dimension_value: coalesce(m.severity, '')
    period: 'whole'
    from_date: cast(@from_date as date)
    to_date: cast(@as_of_date as date)
    filters: {parts/measure_filter}
    objects_only: (@service = '' and @team = '')
    labels_only: (@field = '')
    metrics: metrics.object_type = 'incident'
}
),

final as (
    select * from totals
    union all
    select * from severities
)

select
    dimension,
    dimension_value,
    metric,
    value,
    sample_size,
    low,
    high
from final
order by
    dimension,
    dimension_value,
    metric
