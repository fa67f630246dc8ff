-- The metric template on its own, by week, in total and by service: what the unit tests of P2, P3, M1 and M2 look at.
with

{{ metric_template_measures(ref('dim_metrics'), 'true') }},

candidates as (
    {%- for dimension in ['all', 'service'] %}
    select
        '{{ dimension }}' as dimension,
        {{ "'all'" if dimension == 'all' else 'm.service' }} as dimension_value,
        m.metric,
        m.object_type,
        m.object_id,
        m.at as measured_at,
        m.local_date,
        m.service,
        m.is_lone,
        m.value,
        m.numerator,
        m.denominator
    from {{ ref('fct_measures') }} as m
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

first_days as (
    select
        metric as measure,
        dimension,
        dimension_value,
        min(local_date) as first_date
    from candidates
    where dimension_value is not null
    group by metric, dimension, dimension_value
),

periods as (
    select 'week' as period
),

bounds as (
    select
        date '0001-01-01' as from_date,
        {{ local_date('b.as_of') }} as to_date,
        {{ local_date('b.as_of') }} as as_of_date,
        {{ week_anchor('b.week_start') }} as week_anchor
    from {{ ref('build') }} as b
),

{{ metric_template(ref('dim_metrics'), ref('dim_limits'), 'true') }}

select
    period_start,
    dimension_value,
    metric,
    round(value, 4) as value,
    sample_size,
    round(low, 4) as low,
    round(high, 4) as high,
    level,
    is_open
from metric_values
