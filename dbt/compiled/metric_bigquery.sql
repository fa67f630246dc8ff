-- Compiled by dbt from analyses/metric.sql; to make it anew: go test ./dbt -update
with

measures_used as (
    select
        metrics.measure,
        max(case when metrics.aggregate in ('median', 'p90') then 1 else 0 end) as has_ranks
    from /*<marts>*/ /*</marts>*/dim_metrics as metrics
    where /*<metrics>*/ true /*</metrics>*/
    group by metrics.measure
),

candidates as  (
    select
        /*<dimension>*/ 'all' /*</dimension>*/ as dimension,
        /*<dimension_value>*/ 'all' /*</dimension_value>*/ as dimension_value,
        m.metric,
        m.object_type,
        m.object_id,
        m.at as measured_at,
        m.local_date,
        m.service,
        m.is_lone or /*<objects_only>*/ false /*</objects_only>*/ as is_lone,
        m.value,
        m.numerator,
        m.denominator
    from /*<marts>*/ /*</marts>*/fct_measures as m
    /*<joins>*/ /*</joins>*/
    where
        m.metric in (select measures_used.measure from measures_used)
        and (m.is_earliest or not /*<objects_only>*/ false /*</objects_only>*/)
        and (/*<filters>*/ true /*</filters>*/)
),

first_days as (
    select
        seen.measure,
        seen.dimension,
        seen.dimension_value,
        min(seen.local_date) as first_date
    from (
        select
            /*<dimension>*/ 'all' /*</dimension>*/ as dimension,
            /*<dimension_value>*/ 'all' /*</dimension_value>*/ as dimension_value,
            m.metric as measure,
            m.local_date
        from /*<marts>*/ /*</marts>*/fct_measures as m
        /*<joins>*/ /*</joins>*/
        where
            m.metric in (select metrics.measure from /*<marts>*/ /*</marts>*/dim_metrics as metrics)
            and (m.is_group_first or not /*<labels_only>*/ false /*</labels_only>*/)
            and (/*<filters>*/ true /*</filters>*/)
    ) as seen
    where seen.dimension_value is not null
    group by seen.measure, seen.dimension, seen.dimension_value
),

periods as (
    select /*<period>*/ 'month' /*</period>*/ as period
),

bounds as (
    select
        /*<from_date>*/ date '0001-01-01' /*</from_date>*/ as from_date,
        /*<to_date>*/ p.as_of_date /*</to_date>*/ as to_date,
        p.as_of_date,
        case p.week_start when 'sunday' then date '1970-01-04' else date '1970-01-05' end as week_anchor
    from /*<marts>*/ /*</marts>*/publication as p
),

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
    inner join bounds on candidates.local_date between bounds.from_date and bounds.to_date
    where candidates.is_lone
    union all
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
),

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
        min(measure_groups.first_date) as first_date
    from measure_groups
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
        case periods.period
            when 'day' then cast(local_day as date)
            when 'week' then date_add(cast(local_day as date), interval -mod(mod(date_diff(cast(local_day as date), first_day.week_anchor, day), 7) + 7, 7) day)
            when 'month' then date_trunc(cast(local_day as date), month)
            when 'quarter' then date_trunc(cast(local_day as date), quarter)
            when 'year' then date_trunc(cast(local_day as date), year)
            else first_day.whole_from
        end as period_start
    from first_day
    cross join unnest(generate_date_array(first_day.whole_from, first_day.to_date)) as local_day
    cross join periods
),

buckets as (
    select
        seen.period,
        seen.period_start,
        seen.next_start,
        seen.next_start > seen.as_of_date as is_open,
        date_diff(least(seen.next_start, date_add(seen.to_date, interval 1 day)), greatest(seen.period_start, seen.from_date), day) as day_count,
        row_number() over (order by seen.period, seen.period_start) as bucket_no
    from (
        select distinct
            days.period,
            days.period_start,
            case days.period
            when 'day' then date_add(days.period_start, interval 1 day)
            when 'week' then date_add(days.period_start, interval 7 day)
            when 'month' then date_add(days.period_start, interval 1 month)
            when 'quarter' then date_add(days.period_start, interval 3 month)
            when 'year' then date_add(days.period_start, interval 1 year)
            else date_add(first_day.to_date, interval 1 day)
        end as next_start,
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
),

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
        1 + cast(floor(((seen.n - 1) * 5) / 10) as int64) as median_rank,
        1 + cast(floor(((seen.n - 1) * 9) / 10) as int64) as p90_rank,
        mod(((seen.n - 1) * 5), 10) as median_weight,
        mod(((seen.n - 1) * 9), 10) as p90_weight,
        case
            when seen.n <= 1000 then limits.median_low_rank
            else cast(floor(seen.n * 0.5 - 1.959964 * sqrt(seen.n * 0.25)) as int64)
        end as median_low_rank,
        case
            when seen.n <= 1000 then limits.median_high_rank
            else cast(ceil(seen.n * 0.5 + 1.959964 * sqrt(seen.n * 0.25)) as int64) + 1
        end as median_high_rank,
        case
            when seen.n <= 1000 then limits.p90_low_rank
            else cast(floor(seen.n * 0.9 - 1.959964 * sqrt(seen.n * 0.08999999999999998)) as int64)
        end as p90_low_rank,
        case
            when seen.n <= 1000 then limits.p90_high_rank
            else cast(ceil(seen.n * 0.9 + 1.959964 * sqrt(seen.n * 0.08999999999999998)) as int64) + 1
        end as p90_high_rank
    from (select distinct sums.n from sums) as seen
    left join /*<marts>*/ /*</marts>*/dim_limits as limits on seen.n = limits.n
),

ranked as (
    select
        kept.group_no * 1000000 + day_buckets.bucket_no as cell_no,
        kept.value,
        row_number() over (
            partition by kept.group_no * 1000000 + day_buckets.bucket_no
            order by kept.value
        ) as value_rank,
        count(*) over (
            partition by kept.group_no * 1000000 + day_buckets.bucket_no
        ) as n
    from kept
    inner join day_buckets on kept.local_date = day_buckets.local_date
    where kept.is_ranked and (kept.has_days or day_buckets.period <> 'day')
),

picked as (
    select
        ranked.cell_no,
        max(case when ranked.value_rank = sizes.median_rank then ranked.value end) as median_value,
        max(case when ranked.value_rank = sizes.median_rank + 1 then ranked.value end) as median_next,
        max(case when ranked.value_rank = sizes.median_low_rank then ranked.value end) as median_low,
        max(case when ranked.value_rank = sizes.median_high_rank then ranked.value end) as median_high,
        max(case when ranked.value_rank = sizes.p90_rank then ranked.value end) as p90_value,
        max(case when ranked.value_rank = sizes.p90_rank + 1 then ranked.value end) as p90_next,
        max(case when ranked.value_rank = sizes.p90_low_rank then ranked.value end) as p90_low,
        max(case when ranked.value_rank = sizes.p90_high_rank then ranked.value end) as p90_high
    from ranked
    inner join sizes on ranked.n = sizes.n
    where
        ranked.value_rank = sizes.median_rank
        or ranked.value_rank = sizes.median_rank + 1
        or ranked.value_rank = sizes.median_low_rank
        or ranked.value_rank = sizes.median_high_rank
        or ranked.value_rank = sizes.p90_rank
        or ranked.value_rank = sizes.p90_rank + 1
        or ranked.value_rank = sizes.p90_low_rank
        or ranked.value_rank = sizes.p90_high_rank
    group by ranked.cell_no
),

totals as (
    select
        sums.group_no * 1000000 + sums.bucket_no as cell_no,
        sums.n,
        sums.value_sum,
        sums.numerator_sum,
        sums.denominator_sum,
        sizes.count_low,
        sizes.count_high,
        sizes.median_weight,
        sizes.p90_weight,
        picked.median_value,
        picked.median_next,
        picked.median_low,
        picked.median_high,
        picked.p90_value,
        picked.p90_next,
        picked.p90_low,
        picked.p90_high
    from sums
    inner join sizes on sums.n = sizes.n
    left join picked on sums.group_no * 1000000 + sums.bucket_no = picked.cell_no
),

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
    inner join /*<marts>*/ /*</marts>*/dim_metrics as metrics on (
            spans.dimension in ('all', 'service', 'team')
            or (
                metrics.object_type = 'incident'
                and (spans.dimension in ('severity', 'incident_type') or spans.dimension like 'field:%')
            )
            or (metrics.object_type in ('deployment', 'change', 'commit') and spans.dimension = 'repository')
        )
    left join measure_groups
        on
            metrics.measure = measure_groups.measure
            and spans.dimension = measure_groups.dimension
            and spans.dimension_value = measure_groups.dimension_value
    where /*<metrics>*/ true /*</metrics>*/
),

metric_figures as (
    select
        buckets.period,
        buckets.period_start,
        series.dimension,
        series.dimension_value,
        series.metric,
        case series.aggregate
            when 'count' then cast(coalesce(totals.n, 0) as float64)
            when 'per_day' then coalesce(totals.n, 0) / buckets.day_count
            when 'rate' then totals.numerator_sum / nullif(totals.denominator_sum, 0)
            when 'mean' then totals.value_sum / nullif(totals.n, 0)
            when 'median' then (
                totals.median_value * (10 - totals.median_weight) + coalesce(totals.median_next, 0) * totals.median_weight
            ) / 10
            when 'p90' then (
                totals.p90_value * (10 - totals.p90_weight) + coalesce(totals.p90_next, 0) * totals.p90_weight
            ) / 10
        end as value,
        cast(
            case series.aggregate
                when 'rate' then coalesce(totals.denominator_sum, 0)
                else coalesce(totals.n, 0)
            end as int64
        ) as sample_size,
        case series.aggregate
            when 'count' then case
                when coalesce(totals.n, 0) = 0 then 0.0
                when totals.n <= 1000 then totals.count_low
                else totals.n - 1.959964 * sqrt(totals.n)
            end
            when 'per_day' then (case
                when coalesce(totals.n, 0) = 0 then 0.0
                when totals.n <= 1000 then totals.count_low
                else totals.n - 1.959964 * sqrt(totals.n)
            end) / buckets.day_count
            when 'rate' then case
                when totals.denominator_sum > 0 and totals.numerator_sum = 0 then 0.0
                when totals.denominator_sum > 0
                    then (
                        totals.numerator_sum / totals.denominator_sum + 1.959964 * 1.959964 / (2 * totals.denominator_sum)
                        - 1.959964 * sqrt(
                            (totals.numerator_sum / totals.denominator_sum) * (1 - totals.numerator_sum / totals.denominator_sum) / totals.denominator_sum
                            + 1.959964 * 1.959964 / (4.0 * totals.denominator_sum * totals.denominator_sum)
                        )
                    ) / (1 + 1.959964 * 1.959964 / totals.denominator_sum)
            end
            when 'median' then cast(totals.median_low as float64)
            when 'p90' then cast(totals.p90_low as float64)
        end as low,
        case series.aggregate
            when 'count' then case
                when coalesce(totals.n, 0) = 0 then 3.6888794541139363
                when totals.n <= 1000 then totals.count_high
                else totals.n + 1.959964 * sqrt(totals.n)
            end
            when 'per_day' then (case
                when coalesce(totals.n, 0) = 0 then 3.6888794541139363
                when totals.n <= 1000 then totals.count_high
                else totals.n + 1.959964 * sqrt(totals.n)
            end) / buckets.day_count
            when 'rate' then case
                when totals.denominator_sum > 0 and totals.numerator_sum = totals.denominator_sum then 1.0
                when totals.denominator_sum > 0
                    then (
                        totals.numerator_sum / totals.denominator_sum + 1.959964 * 1.959964 / (2 * totals.denominator_sum)
                        + 1.959964 * sqrt(
                            (totals.numerator_sum / totals.denominator_sum) * (1 - totals.numerator_sum / totals.denominator_sum) / totals.denominator_sum
                            + 1.959964 * 1.959964 / (4.0 * totals.denominator_sum * totals.denominator_sum)
                        )
                    ) / (1 + 1.959964 * 1.959964 / totals.denominator_sum)
            end
            when 'median' then cast(totals.median_high as float64)
            when 'p90' then cast(totals.p90_high as float64)
        end as high,
        series.level_comparison,
        series.level_elite,
        series.level_high,
        series.level_medium,
        buckets.is_open
    from series
    inner join buckets on series.first_date < buckets.next_start
    left join totals on series.group_no * 1000000 + buckets.bucket_no = totals.cell_no
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
            when (level_comparison = 'below' and value < level_elite)
                or (level_comparison = 'at_most' and value <= level_elite)
                or (level_comparison = 'at_least' and value >= level_elite) then 'elite'
            when (level_comparison = 'below' and value < level_high)
                or (level_comparison = 'at_most' and value <= level_high)
                or (level_comparison = 'at_least' and value >= level_high) then 'high'
            when (level_comparison = 'below' and value < level_medium)
                or (level_comparison = 'at_most' and value <= level_medium)
                or (level_comparison = 'at_least' and value >= level_medium) then 'medium'
            when value is not null and level_comparison is not null then 'low'
        end as level,
        is_open
    from metric_figures
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
