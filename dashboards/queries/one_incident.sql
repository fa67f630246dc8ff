-- One incident, by its id or by what people call it (INC-123, in any case), with everything that made its numbers.
select
    incidents.incident_id,
    incidents.reference,
    incidents.name,
    incidents.permalink,
    incidents.mode,
    incidents.visibility,
    incidents.severity,
    incidents.incident_type,
    incidents.status,
    incidents.status_category,
    incidents.lead,
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
from {marts}fct_incidents as incidents
where
    incidents.incident_id = @incident
    or lower(incidents.reference) = lower(@incident)
order by
    case when incidents.incident_id = @incident then 0 else 1 end,
    incidents.incident_id
limit 1
