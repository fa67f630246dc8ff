-- The Four Keys and rework over the whole range ('now'), and over the time before it that is as long ('before').
with

latest as (
{metric
    period: 'whole'
    from_date: cast(@from_date as date)
    to_date: cast(@as_of_date as date)
    filters: {parts/delivery_filter}
    objects_only: (@service = '' and @team = '')
    labels_only: true
    metrics: metrics.metric in {parts/key_metrics}
}
),

earlier as (
{metric
    period: 'whole'
    from_date: cast(@before_from_date as date)
    to_date: cast(@before_to_date as date)
    filters: {parts/delivery_filter}
    objects_only: (@service = '' and @team = '')
    labels_only: true
    metrics: metrics.metric in {parts/key_metrics}
}
),

final as (
    select
        'now' as span,
        latest.*
    from latest
    union all
    select
        'before' as span,
        earlier.*
    from earlier
)

select
    span,
    metric,
    period_start as from_date,
    value,
    sample_size,
    low,
    high,
    level
from final
order by
    span,
    metric
