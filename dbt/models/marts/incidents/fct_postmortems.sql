-- The documents of present incidents; of an incident that names an address and has no document, that address.
with

incidents as (
    select
        joined.incident_id,
        joined.is_redacted,
        times.restored_at,
        staged.postmortem_document_url
    from {{ ref('int_incidents_joined') }} as joined
    inner join {{ ref('int_incident_times_chosen') }} as times
        on joined.incident_id = times.incident_id
    left join {{ ref('stg_incidentio__incidents') }} as staged
        on joined.incident_id = staged.incident_id
),

documents as (
    select
        documents.postmortem_document_id as postmortem_id,
        documents.incident_id,
        case when not incidents.is_redacted then documents.title end as title,
        documents.document_type,
        documents.status,
        documents.document_url as url,
        documents.created_at,
        documents.updated_at,
        incidents.restored_at
    from {{ ref('stg_incidentio__postmortem_documents') }} as documents
    inner join incidents
        on documents.incident_id = incidents.incident_id
),

addresses as (
    select
        incidents.incident_id as postmortem_id,
        incidents.incident_id,
        cast(null as string) as title,
        cast(null as string) as document_type,
        cast(null as string) as status,
        incidents.postmortem_document_url as url,
        cast(null as {{ type_instant() }}) as created_at,
        cast(null as {{ type_instant() }}) as updated_at,
        incidents.restored_at
    from incidents
    left join documents
        on incidents.incident_id = documents.incident_id
    where incidents.postmortem_document_url is not null and documents.incident_id is null
),

joined as (
    select * from documents
    union all
    select * from addresses
),

final as (
    select
        postmortem_id,
        incident_id,
        title,
        document_type,
        status,
        url,
        created_at,
        updated_at,
        case
            when created_at >= restored_at then {{ seconds_between('restored_at', 'created_at') }}
        end as seconds_after_restoration,
        {{ build_id() }} as build_id
    from joined
)

select * from final
