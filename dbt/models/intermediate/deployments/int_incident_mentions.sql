-- What people say an incident is about: values of the field that names its cause (L1), and attached pull requests and
-- commits (L2). Each is one of: a name of a deployment, a pull request, a commit (7 digits or more), a tag or branch.
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
        case when place = 'field' then {{ name_given('mention') }} end as deployment_name,
        case when place = 'field' then {{ name_in_address('mention') }} end as deployment_address,
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

named as (
    select
        incident_id,
        place,
        words,
        mention,
        deployment_name,
        deployment_address,
        pull_request_repository,
        pull_request_number,
        commit_sha,
        commit_repository,
        {{ bare_ref('ref_named') }} as ref
    from parsed
),

-- A tag is its commit, too.
tagged as (
    select
        named.incident_id,
        named.place,
        named.words || 'tag ' || tags.name || ' of ' as words,
        named.mention,
        cast(null as string) as deployment_name,
        cast(null as string) as deployment_address,
        cast(null as string) as pull_request_repository,
        cast(null as string) as pull_request_number,
        tags.sha as commit_sha,
        lower(repositories.repository) as commit_repository,
        cast(null as string) as ref
    from named
    inner join {{ ref('stg_github__tags') }} as tags
        on named.ref = {{ bare_ref('tags.name') }}
    inner join {{ ref('stg_github__repositories') }} as repositories
        on tags.repository_id = repositories.repository_id
    where named.place = 'field'
),

final as (
    select * from named
    union all
    select * from tagged
)

select * from final
