-- The median time to restore by period and severity ('' where there is none), with its interval.
with

by_severity as (
{metric
    dimension: 'severity'
    dimension_value: coalesce(m.severity, '')
    period: cast(@period as string)
    from_date: cast(@from_date as date)
    to_date: cast(@as_of_date as date)
    filters: {parts/measure_filter}
    objects_only: (@service = '' and @team = '')
    labels_only: (@field = '')
    metrics: metrics.metric = 'time_to_restore_median_seconds'
}
)

select
    by_severity.period_start,
    by_severity.dimension_value as severity,
    by_severity.value,
    by_severity.sample_size,
    by_severity.low,
    by_severity.high,
    by_severity.is_open,
    coalesce(severities.severity_rank, 0) as severity_rank
from by_severity
left join {marts}dim_severities as severities
    on by_severity.dimension_value = severities.severity
order by
    severity_rank,
    severity,
    by_severity.period_start
