{%- set dimensions = {
    'all': "'all'",
    'service': 'measures.service',
    'team': 'measures.team',
    'repository': 'measures.repository',
    'severity': 'measures.severity',
    'incident_type': 'measures.incident_type',
} -%}

with

candidates as {{ inlined() }} (
    {%- for dimension, expression in dimensions.items() %}
    select
        '{{ dimension }}' as dimension,
        {{ expression }} as dimension_value,
        measures.metric,
        measures.object_type,
        measures.object_id,
        measures.at as measured_at,
        measures.local_date,
        measures.service,
        measures.repository,
        measures.value,
        measures.numerator,
        measures.denominator
    from {{ ref('fct_measures') }} as measures
    where measures.metric in (select metrics.measure from {{ ref('dim_metrics') }} as metrics)
    union all
    {%- endfor %}
    -- An incident with several values of a field is in each of them.
    select
        'field:' || fields.field as dimension,
        fields.value as dimension_value,
        measures.metric,
        measures.object_type,
        measures.object_id,
        measures.at as measured_at,
        measures.local_date,
        measures.service,
        measures.repository,
        measures.value,
        measures.numerator,
        measures.denominator
    from {{ ref('fct_measures') }} as measures
    inner join {{ ref('fct_incident_fields') }} as fields
        on measures.object_id = fields.incident_id
    where
        measures.object_type = 'incident'
        and fields.field_type in ('single_select', 'multi_select')
        and measures.metric in (select metrics.measure from {{ ref('dim_metrics') }} as metrics)
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
        {{ local_date('as_of') }} as as_of_date,
        {{ week_anchor('week_start') }} as week_anchor
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
