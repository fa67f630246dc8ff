{%- set dimensions = {
    'all': "'all'",
    'service': 'service',
    'team': 'team',
    'severity': 'severity',
    'incident_type': 'incident_type',
} -%}

with

{% for dimension, expression in dimensions.items() -%}
{{ 'candidates as (' if loop.first }}
    {{ 'union all' if not loop.first }}
    select
        '{{ dimension }}' as dimension,
        {{ expression }} as dimension_value,
        metric,
        object_type,
        object_id,
        measures.at as measured_at,
        local_date,
        service,
        value,
        numerator,
        denominator
    from {{ ref('fct_measures') }} as measures
{%- endfor %}
),

periods as (
    {%- for period in ['day', 'week', 'month', 'quarter', 'year'] %}
    select '{{ period }}' as period
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

bounds as (
    select
        date '0001-01-01' as from_date,
        {{ local_date('as_of') }} as to_date,
        {{ local_date('as_of') }} as as_of_date
    from {{ ref('build') }}
),

{{ metric_template(ref('dim_metrics'), ref('dim_limits'), day_dimensions=['all', 'service', 'severity']) }}

select
    period,
    period_start,
    dimension,
    dimension_value,
    metric,
    value,
    sample_size,
    low,
    high,
    level,
    is_open,
    {{ build_id() }} as build_id
from metric_values
