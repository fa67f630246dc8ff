-- Of the counted incidents of each period, the share that began outside 9 to 18 o'clock, Monday to Friday, of the configured time
-- zone, with its interval.
with

begun as (
    select
        {local_date incidents.started_at} as local_date,
        {local_weekday incidents.started_at} as weekday,
        {local_hour incidents.started_at} as hour_of_day
    from {marts}fct_incidents as incidents
    cross join {marts}publication as publication
    where
        {parts/counted_incidents}
),

placed as (
    select
        {period_of begun.local_date} as period_start,
        {period_of publication.as_of_date} as open_start,
        case when begun.weekday > 5 or begun.hour_of_day < 9 or begun.hour_of_day >= 18 then 1 else 0 end as is_outside
    from begun
    cross join {marts}publication as publication
),

final as (
    select
        period_start,
        period_start = max(open_start) as is_open,
        cast(sum(is_outside) as int64) as hits,
        count(*) as sample_size
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
order by period_start
