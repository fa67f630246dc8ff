-- The services of the latest incidents.
with

{parts/latest_incidents}

select
    services.incident_id,
    services.service,
    services.team
from latest
inner join {marts}fct_incident_services as services
    on latest.incident_id = services.incident_id
order by
    services.incident_id,
    services.service
