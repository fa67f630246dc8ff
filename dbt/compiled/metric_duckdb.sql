-- Compiled by dbt from analyses/metric.sql; to make it anew: go test ./dbt -update
with

candidates as (
    select
        /*<dimension>*/ 'all' /*</dimension>*/ as dimension,
        /*<dimension_value>*/ 'all' /*</dimension_value>*/ as dimension_value,
        m.metric,
        m.object_type,
        m.object_id,
        m.at as measured_at,
        m.local_date,
        m.service,
        m.value,
        m.numerator,
        m.denominator
    from /*<marts>*/ /*</marts>*/fct_measures as m
    /*<joins>*/ /*</joins>*/
    where /*<filters>*/ true /*</filters>*/
),

periods as (
    select /*<period>*/ 'month' /*</period>*/ as period
),

bounds as (
    select
        /*<from_date>*/ date '0001-01-01' /*</from_date>*/ as from_date,
        /*<to_date>*/ p.as_of_date /*</to_date>*/ as to_date,
        p.as_of_date
    from /*<marts>*/ /*</marts>*/publication as p
),

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
        case periods.period
            when 'day' then kept.local_date
            when 'week' then cast(kept.local_date + interval (-mod(mod(date_diff('day', date '1970-01-05', kept.local_date), 7) + 7, 7)) day as date)
            when 'month' then cast(date_trunc('month', kept.local_date) as date)
            when 'quarter' then cast(date_trunc('quarter', kept.local_date) as date)
            when 'year' then cast(date_trunc('year', kept.local_date) as date)
            else first_day.whole_from
        end as period_start
    from kept
    cross join first_day
    cross join periods
    where
        kept.measure in (select metrics.measure from /*<marts>*/ /*</marts>*/dim_metrics as metrics where /*<metrics>*/ true /*</metrics>*/)
        and kept.local_date between first_day.from_date and first_day.to_date
),

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
        1 + cast(floor(((ranked.n - 1) * 5) / 10) as int64) as median_rank,
        1 + cast(floor(((ranked.n - 1) * 9) / 10) as int64) as p90_rank,
        case
            when ranked.n <= 1000 then limits.median_low_rank
            else cast(floor(ranked.n * 0.5 - 1.959964 * sqrt(ranked.n * 0.25)) as int64)
        end as median_low_rank,
        case
            when ranked.n <= 1000 then limits.median_high_rank
            else cast(ceil(ranked.n * 0.5 + 1.959964 * sqrt(ranked.n * 0.25)) as int64) + 1
        end as median_high_rank,
        case
            when ranked.n <= 1000 then limits.p90_low_rank
            else cast(floor(ranked.n * 0.9 - 1.959964 * sqrt(ranked.n * 0.08999999999999998)) as int64)
        end as p90_low_rank,
        case
            when ranked.n <= 1000 then limits.p90_high_rank
            else cast(ceil(ranked.n * 0.9 + 1.959964 * sqrt(ranked.n * 0.08999999999999998)) as int64) + 1
        end as p90_high_rank
    from ranked
    left join /*<marts>*/ /*</marts>*/dim_limits as limits on ranked.n = limits.n
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
),

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
        case periods.period
            when 'day' then cast(local_day as date)
            when 'week' then cast(cast(local_day as date) + interval (-mod(mod(date_diff('day', date '1970-01-05', cast(local_day as date)), 7) + 7, 7)) day as date)
            when 'month' then cast(date_trunc('month', cast(local_day as date)) as date)
            when 'quarter' then cast(date_trunc('quarter', cast(local_day as date)) as date)
            when 'year' then cast(date_trunc('year', cast(local_day as date)) as date)
            else first_day.whole_from
        end as period_start
    from first_day
    cross join unnest(generate_series(first_day.whole_from, first_day.to_date, interval 1 day)) as local_days (local_day)
    cross join periods
),

dated as (
    select
        calendar.period,
        calendar.period_start,
        case calendar.period
            when 'day' then cast(calendar.period_start + interval (1) day as date)
            when 'week' then cast(calendar.period_start + interval (7) day as date)
            when 'month' then cast(calendar.period_start + interval (1) month as date)
            when 'quarter' then cast(calendar.period_start + interval (3) month as date)
            when 'year' then cast(calendar.period_start + interval (1) year as date)
            else cast(first_day.to_date + interval (1) day as date)
        end as next_start,
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
        date_diff('day', dated.first_date, least(dated.next_start, cast(dated.to_date + interval (1) day as date))) as days
    from spans
    inner join dated
        on spans.first_date < dated.next_start
),

metric_values as (
    select
        buckets.period,
        buckets.period_start,
        buckets.dimension,
        buckets.dimension_value,
        metrics.metric,
        case metrics.aggregate
            when 'count' then cast(coalesce(totals.n, 0) as double)
            when 'per_day' then coalesce(totals.n, 0) / buckets.days
            when 'rate' then totals.numerator_sum / nullif(totals.denominator_sum, 0)
            when 'mean' then totals.value_sum / nullif(totals.n, 0)
            when 'median' then (
                totals.median_value * (10 - mod((totals.n - 1) * 5, 10))
                + coalesce(totals.median_next, 0) * mod((totals.n - 1) * 5, 10)
            ) / 10
            when 'p90' then (
                totals.p90_value * (10 - mod((totals.n - 1) * 9, 10))
                + coalesce(totals.p90_next, 0) * mod((totals.n - 1) * 9, 10)
            ) / 10
        end as value,
        cast(
            case metrics.aggregate
                when 'rate' then coalesce(totals.denominator_sum, 0)
                else coalesce(totals.n, 0)
            end as int64
        ) as sample_size,
        case metrics.aggregate
            when 'count' then case
                when coalesce(totals.n, 0) = 0 then 0.0
                when totals.n <= 1000 then totals.count_low
                else totals.n - 1.959964 * sqrt(totals.n)
            end
            when 'per_day' then (case
                when coalesce(totals.n, 0) = 0 then 0.0
                when totals.n <= 1000 then totals.count_low
                else totals.n - 1.959964 * sqrt(totals.n)
            end) / buckets.days
            when 'rate' then case
                when totals.denominator_sum > 0
                    then (
                        totals.numerator_sum / totals.denominator_sum + 1.959964 * 1.959964 / (2 * totals.denominator_sum)
                        - 1.959964 * sqrt(
                            (totals.numerator_sum / totals.denominator_sum) * (1 - totals.numerator_sum / totals.denominator_sum) / totals.denominator_sum
                            + 1.959964 * 1.959964 / (4.0 * totals.denominator_sum * totals.denominator_sum)
                        )
                    ) / (1 + 1.959964 * 1.959964 / totals.denominator_sum)
            end
            when 'median' then cast(totals.median_low as double)
            when 'p90' then cast(totals.p90_low as double)
        end as low,
        case metrics.aggregate
            when 'count' then case
                when coalesce(totals.n, 0) = 0 then 3.6888794541139363
                when totals.n <= 1000 then totals.count_high
                else totals.n + 1.959964 * sqrt(totals.n)
            end
            when 'per_day' then (case
                when coalesce(totals.n, 0) = 0 then 3.6888794541139363
                when totals.n <= 1000 then totals.count_high
                else totals.n + 1.959964 * sqrt(totals.n)
            end) / buckets.days
            when 'rate' then case
                when totals.denominator_sum > 0
                    then (
                        totals.numerator_sum / totals.denominator_sum + 1.959964 * 1.959964 / (2 * totals.denominator_sum)
                        + 1.959964 * sqrt(
                            (totals.numerator_sum / totals.denominator_sum) * (1 - totals.numerator_sum / totals.denominator_sum) / totals.denominator_sum
                            + 1.959964 * 1.959964 / (4.0 * totals.denominator_sum * totals.denominator_sum)
                        )
                    ) / (1 + 1.959964 * 1.959964 / totals.denominator_sum)
            end
            when 'median' then cast(totals.median_high as double)
            when 'p90' then cast(totals.p90_high as double)
        end as high,
        cast(null as string) as level,
        buckets.is_open
    from buckets
    inner join /*<marts>*/ /*</marts>*/dim_metrics as metrics on (
            buckets.dimension in ('all', 'service', 'team')
            or (metrics.object_type = 'incident' and (buckets.dimension in ('severity', 'incident_type') or buckets.dimension like 'field:%'))
            or (metrics.object_type in ('deployment', 'change') and buckets.dimension = 'repository')
        )
    left join totals
        on
            buckets.dimension = totals.dimension
            and buckets.dimension_value = totals.dimension_value
            and buckets.period = totals.period
            and buckets.period_start = totals.period_start
            and metrics.measure = totals.measure
    where /*<metrics>*/ true /*</metrics>*/
)

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
    is_open
from metric_values
order by metric, dimension_value, period_start
