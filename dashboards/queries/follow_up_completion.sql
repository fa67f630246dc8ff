-- Of the follow-ups that were made in each period, at least 30 days before the build, the share that was done within 30 days,
-- with its interval. A period of which some are younger is open.
with

made as (
    select
        {local_date follow_ups.created_at} as local_date,
        case when follow_ups.completion_seconds <= 30 * 86400 then 1 else 0 end as is_done,
        case when {seconds_between follow_ups.created_at publication.as_of} >= 30 * 86400 then 1 else 0 end as is_old
    from {marts}fct_follow_ups as follow_ups
    inner join {marts}fct_incidents as incidents
        on follow_ups.incident_id = incidents.incident_id
    cross join {marts}publication as publication
    where
        not follow_ups.is_drill
        and follow_ups.created_at >= @from_at
        and follow_ups.created_at < @to_at
        and {parts/follow_up_filter}
),

placed as (
    select
        {period_of made.local_date} as period_start,
        {period_of publication.as_of_date} as open_start,
        made.is_done,
        made.is_old
    from made
    cross join {marts}publication as publication
),

final as (
    select
        period_start,
        period_start = max(open_start) or min(is_old) = 0 as is_open,
        cast(sum(is_done * is_old) as int64) as hits,
        cast(sum(is_old) as int64) as sample_size
    from placed
    group by period_start
)

select
    period_start,
    hits / sample_size as value,
    sample_size,
    {parts/wilson_low} as low,
    {parts/wilson_high} as high,
    is_open
from final
where sample_size > 0
order by period_start
