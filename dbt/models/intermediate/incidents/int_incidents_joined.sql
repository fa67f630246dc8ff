-- Each present incident, of incident.io or of a file, with the present names of what it refers to; the privacy policy
-- is applied (I3). given_started_at and given_restored_at are what a file says of start and end.
with

incidents as (
    select
        incident_id,
        reference,
        name,
        permalink,
        mode,
        visibility,
        status_id,
        status_name,
        status_category,
        severity_id,
        severity_name,
        severity_rank,
        incident_type_id,
        incident_type_name,
        lead_name,
        created_at,
        cast(null as {{ type_instant() }}) as given_started_at,
        cast(null as {{ type_instant() }}) as given_restored_at,
        observed_at,
        coalesce(visibility = 'private', false) as is_private
    from {{ ref('stg_incidentio__incidents') }}
    union all
    select
        incident_id,
        reference,
        name,
        permalink,
        mode,
        visibility,
        cast(null as string) as status_id,
        status as status_name,
        status_category,
        severity_id,
        severity as severity_name,
        severity_rank,
        cast(null as string) as incident_type_id,
        incident_type as incident_type_name,
        lead as lead_name,
        created_at,
        started_at as given_started_at,
        restored_at as given_restored_at,
        observed_at,
        coalesce(visibility = 'private', false) as is_private
    from {{ ref('int_incidents_of_files') }}
),

policy as (
    select coalesce(max(value), 'exclude') as private_incidents
    from {{ ref('config_settings') }}
    where name = 'private_incidents'
),

allowed as (
    select
        incidents.*,
        incidents.is_private and policy.private_incidents = 'redact' as is_redacted
    from incidents
    cross join policy
    where not incidents.is_private or policy.private_incidents in ('redact', 'include')
),

final as (
    select
        allowed.incident_id,
        allowed.reference,
        allowed.permalink,
        allowed.mode,
        allowed.visibility,
        allowed.severity_id,
        allowed.created_at,
        allowed.given_started_at,
        allowed.given_restored_at,
        allowed.observed_at,
        allowed.is_redacted,
        case when not allowed.is_redacted then allowed.name end as name,
        case when not allowed.is_redacted then allowed.lead_name end as lead,
        coalesce(statuses.name, allowed.status_name) as status,
        coalesce(statuses.category, allowed.status_category) as status_category,
        coalesce(severities.name, allowed.severity_name) as severity,
        coalesce(severities.rank, allowed.severity_rank) as severity_rank,
        coalesce(types.name, allowed.incident_type_name) as incident_type
    from allowed
    left join {{ ref('stg_incidentio__incident_statuses') }} as statuses
        on allowed.status_id = statuses.status_id
    left join {{ ref('stg_incidentio__severities') }} as severities
        on allowed.severity_id = severities.severity_id
    left join {{ ref('stg_incidentio__incident_types') }} as types
        on allowed.incident_type_id = types.incident_type_id
)

select * from final
