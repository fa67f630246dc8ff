{#-
    The metric template: fct_measures -> any metric under any filter and grouping. Every number of every dashboard is made
    here and nowhere else.

    It is a list of CTEs. The caller puts five before it:
      measures_used  the macro metric_template_measures
      candidates     filtered rows of fct_measures (`at` named `measured_at`) whose metric is in measures_used, each with
                     `dimension` and `dimension_value`; what the caller joins may repeat a row in several dimension values,
                     never within one
      first_days     measure, dimension, dimension_value (none null), first_date: the first local date of each among the
                     filtered rows of all measures
      periods        one column `period`: day, week, month, quarter, year, or whole (one bucket from the first day on)
      bounds         one row: from_date and to_date, both inclusive, as_of_date, and week_anchor (the first day of any week),
                     all local dates
    and reads `metric_values` after it: period, period_start, dimension, dimension_value, metric, value, sample_size, low,
    high, level, is_open. `only` is a condition on `metrics` (rows of dim_metrics) that picks some, the same for both macros;
    groups and their first data are those of all. The grid of all dimensions at once, which four_keys is, has its own way to
    measure_groups and kept (metric_grid.sql) and shares the rest.

    The order is the contract: rows are filtered, then of each object only the earliest row within a dimension value is kept
    (never per period: an incident of two services counts once in a total), and only then are they cut by time. Groups and
    buckets are numbered on the way, since millions of rows are sorted by them.
-#}
{% macro metric_template(metrics, limits, only) -%}
{{ metric_template_groups() }},

{{ metric_template_numbers(metrics, limits, only, 'measure_groups.first_date') }}
{%- endmacro %}


{#- What is made of measure_groups and kept, however they came about. `first_date` is a column whose least of a group_no is its first day. -#}
{% macro metric_template_numbers(metrics, limits, only, first_date) -%}
{{ metric_template_buckets(first_date) }},

{{ metric_template_totals(limits) }},

{{ metric_template_series(metrics, only) }},

{{ metric_template_values() }}
{%- endmacro %}


{#- The measures that are asked for, and whether any metric of one takes the value at a rank. -#}
{% macro metric_template_measures(metrics, only) -%}
measures_used as (
    select
        metrics.measure,
        max(case when metrics.aggregate in ('median', 'p90') then 1 else 0 end) as has_ranks
    from {{ metrics }} as metrics
    where {{ only }}
    group by metrics.measure
)
{%- endmacro %}


{#-
    Each object once in each group: a measure in a dimension value. Only objects with a row between the bounds are looked at:
    most questions are of a part of the history. What is_lone is there once, whatever is filtered: it needs no looking for the earliest,
    which takes longer than all else.
-#}
{% macro metric_template_groups() -%}
measure_groups as (
    select
        first_days.measure,
        first_days.dimension,
        first_days.dimension_value,
        first_days.first_date,
        coalesce(measures_used.has_ranks, 0) = 1 as has_ranks,
        true as has_days,
        row_number() over (order by first_days.measure, first_days.dimension, first_days.dimension_value) as group_no
    from first_days
    left join measures_used on first_days.measure = measures_used.measure
),

kept as (
    {%- for is_lone in [true, false] %}
    select
        measure_groups.group_no,
        measure_groups.has_ranks as is_ranked,
        measure_groups.has_days,
        candidates.local_date,
        candidates.value,
        candidates.numerator,
        candidates.denominator
    from candidates
    inner join measure_groups
        on
            candidates.metric = measure_groups.measure
            and candidates.dimension = measure_groups.dimension
            and candidates.dimension_value = measure_groups.dimension_value
    {%- if is_lone %}
    inner join bounds on candidates.local_date between bounds.from_date and bounds.to_date
    where candidates.is_lone
    union all
    {%- else %}
    where
        candidates.is_lone is not true
        and candidates.object_id in (
            select in_range.object_id
            from candidates as in_range
            inner join bounds on in_range.local_date between bounds.from_date and bounds.to_date
            where in_range.is_lone is not true
        )
    qualify
        row_number() over (
            partition by measure_groups.group_no, candidates.object_type, candidates.object_id
            order by candidates.measured_at, coalesce(candidates.service, '')
        ) = 1
    {%- endif %}
    {%- endfor %}
)
{%- endmacro %}


{#- Deployments, changes and commits of a repository with one service are there once: they need no looking for the earliest. -#}
{% macro metric_template_lone(rows) -%}
lone_repositories as (
    select {{ rows }}.repository
    from {{ rows }}
    where {{ rows }}.repository is not null
    group by {{ rows }}.repository
    having min(coalesce({{ rows }}.service, '')) = max(coalesce({{ rows }}.service, ''))
)
{%- endmacro %}


{#- The days from the first data on, and the buckets that each is in. -#}
{% macro metric_template_buckets(first_date) -%}
day_sums as (
    select
        group_no,
        local_date,
        count(*) as n,
        cast(sum(value) as int64) as value_sum,
        cast(sum(numerator) as int64) as numerator_sum,
        cast(sum(denominator) as int64) as denominator_sum
    from kept
    group by group_no, local_date
),

group_starts as (
    select
        group_no,
        min({{ first_date }}) as first_date
    from {{ first_date.split('.')[0] }}
    group by group_no
),

first_day as (
    select
        bounds.from_date,
        bounds.to_date,
        bounds.as_of_date,
        bounds.week_anchor,
        greatest(bounds.from_date, min(group_starts.first_date)) as whole_from
    from bounds
    cross join group_starts
    group by bounds.from_date, bounds.to_date, bounds.as_of_date, bounds.week_anchor
),

days as (
    select
        cast(local_day as date) as local_date,
        periods.period,
        {{ period_of('periods.period', 'cast(local_day as date)', 'first_day.whole_from', 'first_day.week_anchor') }} as period_start
    from first_day
    cross join {{ each_day('first_day.whole_from', 'first_day.to_date') }}
    cross join periods
),

buckets as (
    select
        seen.period,
        seen.period_start,
        seen.next_start,
        seen.next_start > seen.as_of_date as is_open,
        {{ days_between('greatest(seen.period_start, seen.from_date)', 'least(seen.next_start, ' ~ date_plus('seen.to_date', 1, 'day') ~ ')') }} as day_count,
        row_number() over (order by seen.period, seen.period_start) as bucket_no
    from (
        select distinct
            days.period,
            days.period_start,
            {{ period_end('days.period', 'days.period_start', 'first_day.to_date') }} as next_start,
            first_day.from_date,
            first_day.to_date,
            first_day.as_of_date
        from days
        cross join first_day
    ) as seen
),

day_buckets as (
    select
        days.local_date,
        days.period,
        buckets.bucket_no
    from days
    inner join buckets
        on days.period = buckets.period and days.period_start = buckets.period_start
)
{%- endmacro %}


{#-
    Sums, and the values at the ranks that quantiles and their limits need, of each group in each bucket. Sums are over
    integers (S3). Ranks need no tie-break: whichever of equal values has a rank, the value at the rank is the same. Which ranks
    are needed depends on the size of the sample alone, so that is worked out once for each size.
-#}
{% macro metric_template_totals(limits) -%}
sums as (
    select
        day_sums.group_no,
        day_buckets.bucket_no,
        cast(sum(day_sums.n) as int64) as n,
        sum(day_sums.value_sum) as value_sum,
        sum(day_sums.numerator_sum) as numerator_sum,
        sum(day_sums.denominator_sum) as denominator_sum
    from day_sums
    inner join measure_groups on day_sums.group_no = measure_groups.group_no
    inner join day_buckets on day_sums.local_date = day_buckets.local_date
    where measure_groups.has_days or day_buckets.period <> 'day'
    group by day_sums.group_no, day_buckets.bucket_no
),

sizes as (
    select
        seen.n,
        limits.count_low,
        limits.count_high,
        {{ lower_rank('seen.n', 5) }} as median_rank,
        {{ lower_rank('seen.n', 9) }} as p90_rank,
        {{ next_weight('seen.n', 5) }} as median_weight,
        {{ next_weight('seen.n', 9) }} as p90_weight,
        {{ limit_rank('seen.n', 0.5, 'limits.median_low_rank', 'low') }} as median_low_rank,
        {{ limit_rank('seen.n', 0.5, 'limits.median_high_rank', 'high') }} as median_high_rank,
        {{ limit_rank('seen.n', 0.9, 'limits.p90_low_rank', 'low') }} as p90_low_rank,
        {{ limit_rank('seen.n', 0.9, 'limits.p90_high_rank', 'high') }} as p90_high_rank
    from (select distinct sums.n from sums) as seen
    left join {{ limits }} as limits on seen.n = limits.n
),

ranked as (
    select
        {{ cell('kept.group_no', 'day_buckets.bucket_no') }} as cell_no,
        kept.value,
        row_number() over (
            partition by {{ cell('kept.group_no', 'day_buckets.bucket_no') }}
            order by kept.value
        ) as value_rank,
        count(*) over (
            partition by {{ cell('kept.group_no', 'day_buckets.bucket_no') }}
        ) as n
    from kept
    inner join day_buckets on kept.local_date = day_buckets.local_date
    where kept.is_ranked and (kept.has_days or day_buckets.period <> 'day')
),

{%- set ranks = {
    'median_value': 'median_rank', 'median_next': 'median_rank + 1', 'median_low': 'median_low_rank',
    'median_high': 'median_high_rank', 'p90_value': 'p90_rank', 'p90_next': 'p90_rank + 1', 'p90_low': 'p90_low_rank',
    'p90_high': 'p90_high_rank',
} %}

picked as (
    select
        ranked.cell_no,
        {%- for name, rank in ranks.items() %}
        max(case when ranked.value_rank = sizes.{{ rank }} then ranked.value end) as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from ranked
    inner join sizes on ranked.n = sizes.n
    where
        {%- for rank in ranks.values() %}
        {{ 'or ' if not loop.first }}ranked.value_rank = sizes.{{ rank }}
        {%- endfor %}
    group by ranked.cell_no
),

totals as (
    select
        {{ cell('sums.group_no', 'sums.bucket_no') }} as cell_no,
        sums.n,
        sums.value_sum,
        sums.numerator_sum,
        sums.denominator_sum,
        sizes.count_low,
        sizes.count_high,
        sizes.median_weight,
        sizes.p90_weight,
        {%- for name in ranks %}
        picked.{{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from sums
    inner join sizes on sums.n = sizes.n
    left join picked on {{ cell('sums.group_no', 'sums.bucket_no') }} = picked.cell_no
)
{%- endmacro %}


{#- A group in a bucket as one number, by which rows sort faster than by two. There are fewer than a million buckets. -#}
{% macro cell(group_no, bucket_no) -%}
    {{ group_no }} * 1000000 + {{ bucket_no }}
{%- endmacro %}


{#-
    Every metric of every dimension value, from the first data that the value has in any metric (P3). A metric has a group
    unless nothing at all of its measure is there.
-#}
{% macro metric_template_series(metrics, only) -%}
spans as (
    select
        measure_groups.dimension,
        measure_groups.dimension_value,
        measure_groups.has_days,
        min(group_starts.first_date) as first_date
    from group_starts
    inner join measure_groups on group_starts.group_no = measure_groups.group_no
    group by measure_groups.dimension, measure_groups.dimension_value, measure_groups.has_days
),

series as (
    select
        spans.dimension,
        spans.dimension_value,
        spans.has_days,
        spans.first_date,
        metrics.metric,
        metrics.aggregate,
        metrics.level_comparison,
        metrics.level_elite,
        metrics.level_high,
        metrics.level_medium,
        measure_groups.group_no
    from spans
    inner join {{ metrics }} as metrics on {{ has_dimension('metrics.object_type', 'spans.dimension') }}
    left join measure_groups
        on
            metrics.measure = measure_groups.measure
            and spans.dimension = measure_groups.dimension
            and spans.dimension_value = measure_groups.dimension_value
    where {{ only }}
)
{%- endmacro %}


{#- The value of each metric in each bucket, with its limits at 95% (M1, M2) and its level (B). -#}
{% macro metric_template_values() -%}
metric_figures as (
    select
        buckets.period,
        buckets.period_start,
        series.dimension,
        series.dimension_value,
        series.metric,
        case series.aggregate
            when 'count' then cast(coalesce(totals.n, 0) as {{ type_double() }})
            when 'per_day' then coalesce(totals.n, 0) / buckets.day_count
            when 'rate' then totals.numerator_sum / nullif(totals.denominator_sum, 0)
            when 'mean' then totals.value_sum / nullif(totals.n, 0)
            when 'median' then {{ quantile('totals.median_value', 'totals.median_next', 'totals.median_weight') }}
            when 'p90' then {{ quantile('totals.p90_value', 'totals.p90_next', 'totals.p90_weight') }}
        end as value,
        cast(
            case series.aggregate
                when 'rate' then coalesce(totals.denominator_sum, 0)
                else coalesce(totals.n, 0)
            end as int64
        ) as sample_size,
        case series.aggregate
            when 'count' then {{ count_limit('totals.n', 'totals.count_low', '-') }}
            when 'per_day' then ({{ count_limit('totals.n', 'totals.count_low', '-') }}) / buckets.day_count
            when 'rate' then {{ wilson('totals.numerator_sum', 'totals.denominator_sum', '-') }}
            when 'median' then cast(totals.median_low as {{ type_double() }})
            when 'p90' then cast(totals.p90_low as {{ type_double() }})
        end as low,
        case series.aggregate
            when 'count' then {{ count_limit('totals.n', 'totals.count_high', '+') }}
            when 'per_day' then ({{ count_limit('totals.n', 'totals.count_high', '+') }}) / buckets.day_count
            when 'rate' then {{ wilson('totals.numerator_sum', 'totals.denominator_sum', '+') }}
            when 'median' then cast(totals.median_high as {{ type_double() }})
            when 'p90' then cast(totals.p90_high as {{ type_double() }})
        end as high,
        series.level_comparison,
        series.level_elite,
        series.level_high,
        series.level_medium,
        buckets.is_open
    from series
    inner join buckets on series.first_date < buckets.next_start
    left join totals on {{ cell('series.group_no', 'buckets.bucket_no') }} = totals.cell_no
    where series.has_days or buckets.period <> 'day'
),

metric_values as (
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
        case
            {%- for level in ['elite', 'high', 'medium'] %}
            when {{ reaches('value', 'level_comparison', 'level_' ~ level) }} then '{{ level }}'
            {%- endfor %}
            when value is not null and level_comparison is not null then 'low'
        end as level,
        is_open
    from metric_figures
)
{%- endmacro %}


{#- Whether a value reaches the limit of a level. -#}
{% macro reaches(value, comparison, limit) -%}
    ({{ comparison }} = 'below' and {{ value }} < {{ limit }})
                or ({{ comparison }} = 'at_most' and {{ value }} <= {{ limit }})
                or ({{ comparison }} = 'at_least' and {{ value }} >= {{ limit }})
{%- endmacro %}


{#- A metric has rows, zeros too, only where its object has the dimension. -#}
{% macro has_dimension(object_type, dimension) -%}
    (
            {{ dimension }} in ('all', 'service', 'team')
            or (
                {{ object_type }} = 'incident'
                and ({{ dimension }} in ('severity', 'incident_type') or {{ dimension }} like 'field:%')
            )
            or ({{ object_type }} in ('deployment', 'change', 'commit') and {{ dimension }} = 'repository')
        )
{%- endmacro %}
