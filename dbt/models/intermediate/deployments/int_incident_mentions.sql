-- What people say an incident is about: values of the field that names its cause (L1), and attached pull requests and
-- commits (L2). Each is one of: the number of a deployment, a pull request, a commit (7 digits or more), a tag or
-- branch.
with

cause_field as (
    select lower(max(value)) as name
    from {{ ref('config_settings') }}
    where name = 'cause_field'
),

field_texts as (
    select distinct
        fields.incident_id,
        'field' as place,
        'the field "' || fields.field || '" names ' as words,
        trim(fields.value) as mention
    from {{ ref('int_incident_fields_unnested') }} as fields
    inner join cause_field
        on cause_field.name in (lower(fields.field), lower(fields.embedded_field))
),

attachments as (
    select
        incident_id,
        'attachment' as place,
        'attached is ' as words,
        coalesce(
            {{ found('permalink', '^https?://[^/]+/([^/]+/[^/]+/(?:pull|commit)/[0-9a-fA-F]+)') }},
            {{ found('external_id', '^([^/#]+/[^/#]+[/#](?:pull/)?[0-9]+)$') }}
        ) as mention
    from {{ ref('stg_incidentio__incident_attachments') }}
),

texts as (
    select * from field_texts
    union distinct
    select * from attachments
    where mention is not null
),

parsed as (
    select
        incident_id,
        place,
        words,
        mention,
        case
            when place = 'field'
                then
                    coalesce(
                        {{ found('mention', '^(?:#|deployments:)?([0-9]+)$') }},
                        {{ found('mention', '/deployments/([0-9]+)(?:$|[/?#])') }}
                    )
        end as deployment_number,
        lower({{ found('mention', '^([^/#]+/[^/#]+)[/#](?:pull/)?[0-9]+$') }}) as pull_request_repository,
        {{ found('mention', '^[^/#]+/[^/#]+[/#](?:pull/)?([0-9]+)$') }} as pull_request_number,
        lower(
            coalesce(
                {{ found('mention', '^([0-9a-fA-F]{7,40})$') }},
                {{ found('mention', '/commit/([0-9a-fA-F]{7,40})') }},
                {{ found('mention', '@([0-9a-fA-F]{7,40})$') }}
            )
        ) as commit_sha,
        lower({{ found('mention', '([^/]+/[^/]+)(?:/commit/|@)[0-9a-fA-F]{7,40}') }}) as commit_repository,
        case
            when place = 'field' then coalesce({{ found('mention', '/releases/tag/([^?#]+)') }}, mention)
        end as ref_named
    from texts
),

final as (
    select
        incident_id,
        place,
        words,
        mention,
        deployment_number,
        pull_request_repository,
        pull_request_number,
        commit_sha,
        commit_repository,
        {{ bare_ref('ref_named') }} as ref
    from parsed
)

select * from final
