-- The latest incidents of the range by their start, and the one that is asked for by id.
latest as (
    select
        incidents.incident_id,
        coalesce(incidents.started_at, incidents.created_at) as begins_at,
        case when incidents.incident_id = @incident then 0 else 1 end as place
    from {marts}fct_incidents as incidents
    where
        incidents.incident_id = @incident
        or (
            coalesce(incidents.started_at, incidents.created_at) >= @from_at
            and coalesce(incidents.started_at, incidents.created_at) < @to_at
            and (@counted = 'all' or incidents.is_counted)
            and {parts/incident_filter}
        )
    order by
        place,
        begins_at desc,
        incidents.incident_id desc
    limit @latest
)
