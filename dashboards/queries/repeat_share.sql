-- Of the counted incidents of each period that name a service, the share that began within 30 days of another one in the same
-- service, with its interval.
with

{parts/affected},

judged as (
    select
        affected.incident_id,
        {local_date incidents.started_at} as local_date,
        max(case when {seconds_between affected.previous_at affected.started_at} < 30 * 86400 then 1 else 0 end) as is_repeat
    from affected
    inner join {marts}fct_incidents as incidents
        on affected.incident_id = incidents.incident_id
    cross join {marts}publication as publication
    where
        affected.started_at >= @from_at
        and affected.started_at < @to_at
        and (@service = '' or affected.service = @service)
        and (@team = '' or affected.team = @team)
        and {parts/object_filter}
    group by 1, 2
),

placed as (
    select
        {period_of judged.local_date} as period_start,
        {period_of publication.as_of_date} as open_start,
        judged.is_repeat
    from judged
    cross join {marts}publication as publication
),

final as (
    select
        period_start,
        period_start = max(open_start) as is_open,
        cast(sum(is_repeat) as int64) as hits,
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
