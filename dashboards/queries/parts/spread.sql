-- The median and the ninth decile of the seconds of each part of the step measured, and of each period in it, between the
-- values at both sides of the rank (M1), in whole seconds.
ranked as (
    select
        part,
        period_start,
        seconds,
        row_number() over (
            partition by part, period_start
            order by seconds, object_id
        ) as place,
        count(*) over (partition by part, period_start) as n
    from measured
),

spread as (
    select
        part,
        period_start,
        max(n) as sample_size,
        cast(floor(
            (
                max(case when place = floor((n + 1) / 2) then seconds end)
                + max(case when place = floor((n + 2) / 2) then seconds end)
            ) / 2
        ) as int64) as median_seconds,
        cast(floor(
            (
                max(case when place = floor(9 * (n - 1) / 10) + 1 then seconds * (10 - mod(9 * (n - 1), 10)) end)
                + coalesce(max(case when place = floor(9 * (n - 1) / 10) + 2 then seconds * (mod(9 * (n - 1), 10)) end), 0)
            ) / 10
        ) as int64) as p90_seconds
    from ranked
    group by part, period_start
)
