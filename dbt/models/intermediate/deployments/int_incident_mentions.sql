-- What people say an incident is about: values of the field that names its cause (L1), and attached pull requests and
-- commits (L2). Each is one of: a name of a deployment, a pull request, a commit (7 digits or more), a tag.
with

cause_field as (
    select meant.name
    from {{ ref('config_settings') }} as settings
    inner join {{ ref('int_custom_field_names_meant') }} as meant
        on lower(settings.value) = meant.configured_name
    where settings.name = 'cause_field'
),

field_texts as (
    select distinct
        fields.incident_id,
        'field' as place,
        'the field "' || fields.field || '" names ' as words,
        trim(fields.value) as mention
    from {{ ref('int_incident_fields_unnested') }} as fields
    inner join cause_field
        on lower(fields.field) = cause_field.name
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
        end as tag_named,
        lower({{ found('mention', '([^/]+/[^/]+)/releases/tag/') }}) as tag_repository
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
        {{ bare_ref('tag_named') }} as tag,
        tag_repository
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
        lower(repositories.repository) as commit_repository
    from named
    inner join {{ ref('stg_github__tags') }} as tags
        on named.tag = {{ bare_ref('tags.name') }}
    inner join {{ ref('stg_github__repositories') }} as repositories
        on tags.repository_id = repositories.repository_id
    left join {{ ref('int_repository_names') }} as homes
        on named.tag_repository = homes.name
    where named.place = 'field' and (named.tag_repository is null or homes.repository_id = tags.repository_id)
),

final as (
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
        commit_repository
    from named
    union all
    select * from tagged
)

select * from final
