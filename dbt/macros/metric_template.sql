{#-
    The metric template: fct_measures -> any metric under any filter and grouping. Every number of every dashboard is made
    here and nowhere else.

    It is a list of CTEs. The caller puts three before it:
      candidates  filtered rows of fct_measures (`at` named `measured_at`), each with `dimension` and `dimension_value`
      periods     one column `period`: day, week, month, quarter, year, or whole (one bucket from the first day on)
      bounds      one row: from_date and to_date, both inclusive, and as_of_date, all local dates
    and reads `metric_values` after it: period, period_start, dimension, dimension_value, metric, value, sample_size, low,
    high, level, is_open. `only` is a condition on `metrics` (rows of dim_metrics) that picks some; groups and their first
    data are still those of all.

    The order is the contract: rows are filtered, then of each object only the earliest row within a dimension value is kept
    (never per period: an incident of two services counts once in a total), and only then are they cut by time.
-#}
{% macro metric_template(metrics, limits, day_dimensions=none, only='true') -%}
{{ metric_template_rows(metrics, day_dimensions, only) }},

{{ metric_template_totals(limits) }},

{{ metric_template_buckets(day_dimensions) }},

{{ metric_template_values(metrics, only) }}
{%- endmacro %}


{#- Each object once in each dimension value, then once in each period. -#}
{% macro metric_template_rows(metrics, day_dimensions, only) -%}
kept as (
    select
        metric as measure,
        dimension,
        dimension_value,
        object_id,
        local_date,
        value,
        numerator,
        denominator
    from candidates
    where dimension_value is not null
    qualify row_number() over (
        partition by metric, object_type, object_id, dimension, dimension_value
        order by measured_at, coalesce(service, '')
    ) = 1
),

first_day as (
    select
        bounds.from_date,
        bounds.to_date,
        bounds.as_of_date,
        greatest(bounds.from_date, min(kept.local_date)) as whole_from
    from bounds
    cross join kept
    group by bounds.from_date, bounds.to_date, bounds.as_of_date
),

bucketed as (
    select
        kept.measure,
        kept.dimension,
        kept.dimension_value,
        kept.object_id,
        kept.value,
        kept.numerator,
        kept.denominator,
        periods.period,
        {{ period_of('periods.period', 'kept.local_date', 'first_day.whole_from') }} as period_start
    from kept
    cross join first_day
    cross join periods
    where
        kept.measure in (select metrics.measure from {{ metrics }} as metrics where {{ only }})
        and kept.local_date between first_day.from_date and first_day.to_date
        {%- if day_dimensions %}
        and (periods.period <> 'day' or kept.dimension in ('{{ day_dimensions | join("', '") }}'))
        {%- endif %}
)
{%- endmacro %}


{#- Sums and values by rank of each measure, all that the aggregates need. Sums are over integers (S3). -#}
{% macro metric_template_totals(limits) -%}
ranked as (
    select
        measure,
        dimension,
        dimension_value,
        period,
        period_start,
        value,
        numerator,
        denominator,
        row_number() over (
            partition by measure, dimension, dimension_value, period, period_start
            order by value, object_id
        ) as value_rank,
        count(*) over (
            partition by measure, dimension, dimension_value, period, period_start
        ) as n
    from bucketed
),

wanted as (
    select
        ranked.*,
        limits.count_low,
        limits.count_high,
        {{ lower_rank('ranked.n', 5) }} as median_rank,
        {{ lower_rank('ranked.n', 9) }} as p90_rank,
        {{ limit_rank('ranked.n', 0.5, 'limits.median_low_rank', 'low') }} as median_low_rank,
        {{ limit_rank('ranked.n', 0.5, 'limits.median_high_rank', 'high') }} as median_high_rank,
        {{ limit_rank('ranked.n', 0.9, 'limits.p90_low_rank', 'low') }} as p90_low_rank,
        {{ limit_rank('ranked.n', 0.9, 'limits.p90_high_rank', 'high') }} as p90_high_rank
    from ranked
    left join {{ limits }} as limits on ranked.n = limits.n
),

totals as (
    select
        measure,
        dimension,
        dimension_value,
        period,
        period_start,
        count(*) as n,
        sum(value) as value_sum,
        sum(numerator) as numerator_sum,
        sum(denominator) as denominator_sum,
        max(count_low) as count_low,
        max(count_high) as count_high,
        max(case when value_rank = median_rank then value end) as median_value,
        max(case when value_rank = median_rank + 1 then value end) as median_next,
        max(case when value_rank = p90_rank then value end) as p90_value,
        max(case when value_rank = p90_rank + 1 then value end) as p90_next,
        max(case when value_rank = median_low_rank then value end) as median_low,
        max(case when value_rank = median_high_rank then value end) as median_high,
        max(case when value_rank = p90_low_rank then value end) as p90_low,
        max(case when value_rank = p90_high_rank then value end) as p90_high
    from wanted
    group by measure, dimension, dimension_value, period, period_start
)
{%- endmacro %}


{#- Every bucket of a group from its first data in any metric on (P3). -#}
{% macro metric_template_buckets(day_dimensions) -%}
spans as (
    select
        kept.dimension,
        kept.dimension_value,
        min(kept.local_date) as first_date
    from kept
    group by kept.dimension, kept.dimension_value
),

calendar as (
    select distinct
        periods.period,
        {{ period_of('periods.period', 'cast(local_day as date)', 'first_day.whole_from') }} as period_start
    from first_day
    cross join {{ each_day('first_day.whole_from', 'first_day.to_date') }}
    cross join periods
),

dated as (
    select
        calendar.period,
        calendar.period_start,
        {{ period_end('calendar.period', 'calendar.period_start', 'first_day.to_date') }} as next_start,
        greatest(calendar.period_start, first_day.from_date) as first_date,
        first_day.to_date,
        first_day.as_of_date
    from calendar
    cross join first_day
),

buckets as (
    select
        spans.dimension,
        spans.dimension_value,
        dated.period,
        dated.period_start,
        dated.next_start > dated.as_of_date as is_open,
        {{ days_between('dated.first_date', 'least(dated.next_start, ' ~ date_plus('dated.to_date', 1, 'day') ~ ')') }} as days
    from spans
    inner join dated
        on spans.first_date < dated.next_start
    {%- if day_dimensions %}
    where dated.period <> 'day' or spans.dimension in ('{{ day_dimensions | join("', '") }}')
    {%- endif %}
)
{%- endmacro %}


{#- The value of each metric in each bucket, with its limits at 95% (M1, M2). -#}
{% macro metric_template_values(metrics, only) -%}
metric_values as (
    select
        buckets.period,
        buckets.period_start,
        buckets.dimension,
        buckets.dimension_value,
        metrics.metric,
        case metrics.aggregate
            when 'count' then cast(coalesce(totals.n, 0) as {{ type_double() }})
            when 'per_day' then coalesce(totals.n, 0) / buckets.days
            when 'rate' then totals.numerator_sum / nullif(totals.denominator_sum, 0)
            when 'mean' then totals.value_sum / nullif(totals.n, 0)
            when 'median' then {{ quantile('totals.n', 5, 'totals.median_value', 'totals.median_next') }}
            when 'p90' then {{ quantile('totals.n', 9, 'totals.p90_value', 'totals.p90_next') }}
        end as value,
        cast(
            case metrics.aggregate
                when 'rate' then coalesce(totals.denominator_sum, 0)
                else coalesce(totals.n, 0)
            end as int64
        ) as sample_size,
        case metrics.aggregate
            when 'count' then {{ count_limit('totals.n', 'totals.count_low', '-') }}
            when 'per_day' then ({{ count_limit('totals.n', 'totals.count_low', '-') }}) / buckets.days
            when 'rate' then {{ wilson('totals.numerator_sum', 'totals.denominator_sum', '-') }}
            when 'median' then cast(totals.median_low as {{ type_double() }})
            when 'p90' then cast(totals.p90_low as {{ type_double() }})
        end as low,
        case metrics.aggregate
            when 'count' then {{ count_limit('totals.n', 'totals.count_high', '+') }}
            when 'per_day' then ({{ count_limit('totals.n', 'totals.count_high', '+') }}) / buckets.days
            when 'rate' then {{ wilson('totals.numerator_sum', 'totals.denominator_sum', '+') }}
            when 'median' then cast(totals.median_high as {{ type_double() }})
            when 'p90' then cast(totals.p90_high as {{ type_double() }})
        end as high,
        cast(null as string) as level,
        buckets.is_open
    from buckets
    inner join {{ metrics }} as metrics on {{ has_dimension('metrics.object_type', 'buckets.dimension') }}
    left join totals
        on
            buckets.dimension = totals.dimension
            and buckets.dimension_value = totals.dimension_value
            and buckets.period = totals.period
            and buckets.period_start = totals.period_start
            and metrics.measure = totals.measure
    where {{ only }}
)
{%- endmacro %}


{#- A metric has rows, zeros too, only where its object has the dimension. -#}
{% macro has_dimension(object_type, dimension) -%}
    (
            {{ dimension }} in ('all', 'service', 'team')
            or ({{ object_type }} = 'incident' and ({{ dimension }} in ('severity', 'incident_type') or {{ dimension }} like 'field:%'))
            or ({{ object_type }} in ('deployment', 'change') and {{ dimension }} = 'repository')
        )
{%- endmacro %}
