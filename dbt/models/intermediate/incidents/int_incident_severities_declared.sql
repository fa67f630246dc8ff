-- The severity that each incident was declared with: that of its earliest update, by (time, id), that names one, under
-- its present name. Where no update names one, nothing tells of a change: it is the incident's own.
with

named as (
    select
        updates.incident_id,
        updates.severity_id,
        coalesce(severities.name, updates.severity_name) as severity,
        row_number() over (
            partition by updates.incident_id
            order by updates.created_at, updates.update_id
        ) as place
    from {{ ref('stg_incidentio__incident_updates') }} as updates
    left join {{ ref('stg_incidentio__severities') }} as severities
        on updates.severity_id = severities.severity_id
    where coalesce(severities.name, updates.severity_name) is not null
),

final as (
    select
        incidents.incident_id,
        -- One that is no longer defined has the name that it had when each was seen: by its id it is the same.
        case
            when named.severity is null or named.severity_id = incidents.severity_id then incidents.severity
            else named.severity
        end as declared_severity
    from {{ ref('int_incidents_joined') }} as incidents
    left join named
        on incidents.incident_id = named.incident_id and named.place = 1
)

select * from final
