-- Of the latest incidents' services, when the last deployment before the start had finished: what a link by proximity
-- would have to be about.
with

{parts/latest_incidents}

select
    latest.incident_id,
    max(deployments.finished_at) as finished_at
from latest
inner join {marts}fct_incidents as incidents
    on latest.incident_id = incidents.incident_id
inner join {marts}fct_incident_services as services
    on latest.incident_id = services.incident_id
inner join {marts}fct_deployments as deployments
    on
        services.service = deployments.service
        and incidents.started_at >= deployments.finished_at
where deployments.is_counted
group by latest.incident_id
order by latest.incident_id
