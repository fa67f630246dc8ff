-- Counted incidents in each service that they affected, with the one before in that service.
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
    where counted.is_counted and counted.started_at is not null
)
