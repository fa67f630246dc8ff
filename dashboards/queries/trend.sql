-- Incident metrics by period for all incidents, and their number by severity ('' where there is none).
with

totals as (
{metric
    period: cast(@period as string)
    from_date: cast(@from_date as date)
    to_date: cast(@as_of_date as date)
    filters: {parts/measure_filter}
    objects_only: (@service = '' and @team = '')
    labels_only: (@field = '')
    metrics: metrics.metric in (
            'incidents',
            'time_to_restore_median_seconds',
            'time_to_restore_p90_seconds',
            'time_to_acknowledge_median_seconds'
        )
}
),

severities as (
{metric
    dimension: 'severity'
    dimension_value: coalesce(m.severity, '')
    period: cast(@period as string)
    from_date: cast(@from_date as date)
    to_date: cast(@as_of_date as date)
    filters: {parts/measure_filter}
    objects_only: (@service = '' and @team = '')
    labels_only: (@field = '')
    metrics: metrics.metric = 'incidents'
}
),

final as (
    select * from totals
    union all
    select * from severities
)

select
    metric,
    dimension,
    dimension_value,
    period_start,
    value,
    sample_size,
    low,
    high,
    is_open
from final
order by
    metric,
    dimension,
    dimension_value,
    period_start
