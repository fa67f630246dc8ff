-- Incidents of files that incident.io does not have: one id is one incident, and there the API is right. What a file
-- leaves open is settled here: an incident that has an end is closed, any other is live; a severity that incident.io
-- knows by its name has the rank that it has there; what has no number for people goes by its id.
with

severities as (
    select
        lower(name) as name,
        min(severity_id) as severity_id,
        max(rank) as rank
    from {{ ref('stg_incidentio__severities') }}
    group by lower(name)
),

final as (
    select
        files.incident_id,
        files.name,
        files.permalink,
        files.mode,
        files.visibility,
        files.status,
        severities.severity_id,
        files.severity,
        files.incident_type,
        files.lead,
        files.services_json,
        files.created_at,
        files.started_at,
        files.reported_at,
        files.impact_started_at,
        files.acknowledged_at,
        files.restored_at,
        files.closed_at,
        files.observed_at,
        coalesce(files.reference, files.incident_id) as reference,
        coalesce(
            files.status_category,
            case when coalesce(files.restored_at, files.closed_at) is not null then 'closed' else 'live' end
        ) as status_category,
        coalesce(severities.rank, files.severity_rank) as severity_rank
    from {{ ref('stg_files__incidents') }} as files
    left join {{ ref('stg_incidentio__incidents') }} as incidents
        on files.incident_id = incidents.incident_id
    left join severities
        on lower(files.severity) = severities.name
    where incidents.incident_id is null
)

select * from final
