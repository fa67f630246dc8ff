-- The latest incidents with everything that made their numbers.
with

{parts/latest_incidents}

select
    incidents.incident_id,
    incidents.reference,
    incidents.name,
    incidents.permalink,
    incidents.severity,
    incidents.incident_type,
    incidents.status,
    incidents.status_category,
    incidents.created_at,
    incidents.started_at,
    incidents.acknowledged_at,
    incidents.restored_at,
    incidents.reopened_count,
    incidents.time_to_acknowledge_seconds,
    incidents.time_to_restore_seconds,
    incidents.restore_start_basis,
    incidents.restore_end_basis,
    incidents.acknowledge_basis,
    incidents.is_counted,
    incidents.exclusion_reason
from latest
inner join {marts}fct_incidents as incidents
    on latest.incident_id = incidents.incident_id
order by
    latest.place,
    latest.begins_at desc,
    latest.incident_id desc
