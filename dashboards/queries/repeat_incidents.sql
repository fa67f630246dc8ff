-- Counted incidents of the range that began within 30 days of another one in the same service, with that one.
with

{parts/affected},

open_follow_ups as (
    select
        incident_id,
        count(*) as follow_ups
    from {marts}fct_follow_ups
    where is_open
    group by incident_id
),

final as (
    select
        affected.*,
        {seconds_between affected.previous_at affected.started_at} as seconds_since
    from affected
    where affected.previous_id is not null
)

select
    incidents.incident_id,
    incidents.reference,
    incidents.permalink,
    final.service,
    final.team,
    incidents.severity,
    incidents.started_at,
    final.seconds_since,
    previous.reference as previous_reference,
    previous.permalink as previous_permalink,
    coalesce(open_follow_ups.follow_ups, 0) as previous_open_follow_ups
from final
inner join {marts}fct_incidents as incidents
    on final.incident_id = incidents.incident_id
inner join {marts}fct_incidents as previous
    on final.previous_id = previous.incident_id
left join open_follow_ups
    on final.previous_id = open_follow_ups.incident_id
where
    final.seconds_since < 30 * 86400
    and final.started_at >= @from_at
    and final.started_at < @to_at
    and (@service = '' or final.service = @service)
    and (@team = '' or final.team = @team)
    and {parts/object_filter}
order by
    incidents.started_at desc,
    incidents.incident_id,
    final.service
limit @row_limit
