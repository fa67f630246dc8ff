-- Incident metrics over the whole range, for all incidents and by severity ('' where there is none).
with

candidates as (
    select
        'all' as dimension,
        'all' as dimension_value,
        metric,
        object_type,
        object_id,
        at,
        local_date,
        service,
        value,
        numerator,
        denominator
    from {marts}fct_measures
    where
        object_type = 'incident'
        and {parts/measure_filter}
    union all
    select
        'severity' as dimension,
        coalesce(severity, '') as dimension_value,
        metric,
        object_type,
        object_id,
        at,
        local_date,
        service,
        value,
        numerator,
        denominator
    from {marts}fct_measures
    where
        object_type = 'incident'
        and {parts/measure_filter}
),

periods as (
    select 'whole' as period
),

bounds as (
    select
        cast(@from_date as date) as from_date,
        cast(@as_of_date as date) as to_date,
        cast(@as_of_date as date) as as_of_date
),

{metric_template}

select
    dimension,
    dimension_value,
    metric,
    value,
    sample_size,
    low,
    high
from metric_values
where metric in (
    'incidents',
    'time_to_restore_median_seconds',
    'time_to_restore_p90_seconds',
    'time_to_restore_mean_seconds',
    'time_to_acknowledge_median_seconds'
)
order by
    dimension,
    dimension_value,
    metric
