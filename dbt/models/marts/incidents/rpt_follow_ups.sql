{%- set dimensions = {'all': "'all'", 'team': 'team', 'severity': 'severity', 'priority': 'priority'} -%}

with

grouped as (
    {%- for dimension, expression in dimensions.items() %}
    select
        '{{ dimension }}' as dimension,
        {{ expression }} as dimension_value,
        follow_up_id,
        status,
        is_open,
        is_overdue,
        is_late,
        age_seconds,
        completion_seconds
    from {{ ref('fct_follow_ups') }}
    where not is_drill and {{ expression }} is not null
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

totals as (
    select
        dimension,
        dimension_value,
        count(*) as total,
        sum(case when is_open then 1 else 0 end) as open_count,
        sum(case when is_overdue then 1 else 0 end) as overdue_count,
        sum(case when completion_seconds is not null then 1 else 0 end) as completed_count,
        sum(case when is_late then 1 else 0 end) as late_count,
        sum(case when status = 'not_doing' then 1 else 0 end) as not_doing_count
    from grouped
    group by dimension, dimension_value
),

{%- set measured = {
    'open_age': ('age_seconds', 'is_open'),
    'completion': ('completion_seconds', 'completion_seconds is not null'),
} %}
{%- for name, (value, condition) in measured.items() %}

{{ name }}_ranked as (
    select
        dimension,
        dimension_value,
        {{ value }} as value,
        row_number() over (
            partition by dimension, dimension_value
            order by {{ value }}, follow_up_id
        ) as value_rank,
        count(*) over (partition by dimension, dimension_value) as n
    from grouped
    where {{ condition }} and {{ value }} is not null
),

{{ name }}_medians as (
    select
        dimension,
        dimension_value,
        {{ quantile(
            'max(case when value_rank = ' ~ lower_rank('n', 5) ~ ' then value end)',
            'max(case when value_rank = ' ~ lower_rank('n', 5) ~ ' + 1 then value end)',
            'max(' ~ next_weight('n', 5) ~ ')'
        ) }} as value
    from {{ name }}_ranked
    group by dimension, dimension_value
),
{%- endfor %}

final as (
    select
        totals.dimension,
        totals.dimension_value,
        totals.total,
        cast(totals.open_count as int64) as open_count,
        cast(totals.overdue_count as int64) as overdue_count,
        cast(totals.completed_count as int64) as completed_count,
        cast(totals.late_count as int64) as late_count,
        cast(totals.not_doing_count as int64) as not_doing_count,
        totals.completed_count / nullif(totals.total, 0) as completion_rate,
        open_age.value as open_age_median_seconds,
        completion.value as completion_median_seconds,
        {{ build_id() }} as build_id
    from totals
    left join open_age_medians as open_age
        on totals.dimension = open_age.dimension and totals.dimension_value = open_age.dimension_value
    left join completion_medians as completion
        on totals.dimension = completion.dimension and totals.dimension_value = completion.dimension_value
)

select * from final
