-- The rows of fct_measures that a metric of a range of days is made of: an object once, as the metric template keeps it.
with

kept as (
    select
        m.object_type,
        m.object_id,
        m.at as measured_at,
        m.local_date,
        m.service,
        m.team,
        m.repository,
        m.value,
        m.numerator,
        m.denominator,
        m.rule,
        row_number() over (
            partition by m.object_id
            order by m.at, coalesce(m.service, '')
        ) as place
    from {marts}fct_measures as m
    where
        m.metric = @measure
        and m.object_id in (
            select in_range.object_id
            from {marts}fct_measures as in_range
            where
                in_range.metric = @measure
                and in_range.local_date between cast(@from_date as date) and cast(@to_date as date)
        )
        and {parts/any_filter}
)

select
    object_type,
    object_id,
    measured_at,
    local_date,
    service,
    team,
    repository,
    value,
    numerator,
    denominator,
    rule
from kept
where
    place = 1
    and local_date between cast(@from_date as date) and cast(@to_date as date)
order by
    measured_at,
    object_id
