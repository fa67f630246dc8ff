-- Counted incidents in each service that they affected, of the range and of the 30 days before it, with the one before in that
-- service: only one of those days makes it a repeat.
affected as (
    select
        services.service,
        services.team,
        services.incident_id,
        counted.started_at,
        lag(services.incident_id) over (
            partition by services.service
            order by counted.started_at, services.incident_id
        ) as previous_id,
        lag(counted.started_at) over (
            partition by services.service
            order by counted.started_at, services.incident_id
        ) as previous_at
    from {marts}fct_incident_services as services
    inner join {marts}fct_incidents as counted
        on services.incident_id = counted.incident_id
    where
        counted.is_counted
        and counted.started_at < @to_at
        and {seconds_between counted.started_at @from_at} <= 30 * 86400
)
