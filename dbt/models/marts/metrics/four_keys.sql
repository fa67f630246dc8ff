{%- set dimensions = {
    'all': none,
    'service': 'service',
    'team': 'team',
    'repository': 'repository',
    'severity': 'severity',
    'incident_type': 'incident_type',
} -%}

with

-- An incident with several values of a field is in each of them.
choices as (
    select
        incident_id,
        field,
        value
    from {{ ref('fct_incident_fields') }}
    where field_type in ('single_select', 'multi_select')
),

periods as (
    {%- for period in ['day', 'week', 'month', 'quarter', 'year'] %}
    select '{{ period }}' as period
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

bounds as (
    select
        -- A time before it is a finding: one clock that was never set would make two thousand years of days.
        date '1970-01-01' as from_date,
        {{ local_date('as_of') }} as to_date,
        {{ local_date('as_of') }} as as_of_date,
        {{ week_anchor('week_start') }} as week_anchor
    from {{ ref('build') }}
),

{{ metric_grid(
    ref('fct_measures'), 'choices', ref('dim_metrics'), ref('dim_limits'), dimensions, ['all', 'service', 'severity']
) }}

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
