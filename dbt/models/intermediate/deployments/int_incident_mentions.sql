-- What people say an incident is about: values of the field that names its cause (L1), and attached pull requests and
-- commits (L2). Each is one of: a name of a deployment, a pull request, a commit (7 digits or more), a tag.
with

field_texts as (
    select distinct
        fields.incident_id,
        'field' as place,
        {{ said('words', {'en': 'the field "{fields.field}" names ', 'ja': 'フィールド「{fields.field}」に指定された'}) }},
        trim(fields.value) as mention
    from {{ ref('int_incident_fields_unnested') }} as fields
    inner join {{ ref('int_custom_field_names_meant') }} as meant
        on lower(fields.field) = meant.name
    inner join {{ ref('config_settings') }} as settings
        on meant.configured_name = lower(settings.value)
    where settings.name = 'cause_field'
),

attachments as (
    select
        incident_id,
        'attachment' as place,
        {{ said('words', {'en': 'attached is ', 'ja': '添付された'}) }},
        coalesce(
            {{ found('permalink', '(?i)^https?://[^/]+/([^/]+/[^/]+/(?:pull|commit)/[0-9a-f]+)') }},
            {{ found('external_id', '(?i)^([^/#]+/[^/#]+[/#](?:pull/)?[0-9]+)$') }}
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
        words_ja,
        mention,
        case when place = 'field' then {{ name_given('mention') }} end as deployment_name,
        case when place = 'field' then {{ name_in_address('mention') }} end as deployment_address,
        lower({{ found('mention', '(?i)^([^/#]+/[^/#]+)[/#](?:pull/)?[0-9]+$') }}) as pull_request_repository,
        {{ found('mention', '(?i)^[^/#]+/[^/#]+[/#](?:pull/)?([0-9]+)$') }} as pull_request_number,
        lower(
            coalesce(
                {{ found('mention', '(?i)(?:^|@)([0-9a-f]{7,40})$') }},
                {{ found('mention', '(?i)/commit/([0-9a-f]{7,40})') }}
            )
        ) as commit_sha,
        lower({{ found('mention', '(?i)([^/]+/[^/]+)(?:/commit/|@)[0-9a-f]{7,40}') }}) as commit_repository
    from texts
),

-- A tag by its name, which may have any form, or as one of a repository: acme/api@v1, or the address of its release.
tag_names as (
    select
        incident_id,
        words,
        words_ja,
        mention,
        {{ bare_ref('mention') }} as tag,
        cast(null as string) as repository
    from field_texts
    union all
    select
        incident_id,
        words,
        words_ja,
        mention,
        lower(
            coalesce(
                {{ found('mention', '(?i)^https?://[^/]+/[^/]+/[^/]+/releases/tag/([^?#]+)') }},
                {{ found('mention', '^[^/@]+/[^/@]+@(.+)$') }}
            )
        ) as tag,
        lower({{ found('mention', '(?i)^(?:https?://[^/]+/)?([^/@]+/[^/@]+)(?:/releases/tag/|@).+$') }}) as repository
    from field_texts
),

-- A tag is its commit, too.
tagged as (
    select
        names.incident_id,
        'field' as place,
        {{ said('words', {'en': '{names.words}tag {tags.name} of ', 'ja': '{names.words_ja}タグ{tags.name}の'}) }},
        names.mention,
        cast(null as string) as deployment_name,
        cast(null as string) as deployment_address,
        cast(null as string) as pull_request_repository,
        cast(null as string) as pull_request_number,
        tags.sha as commit_sha,
        lower(repositories.repository) as commit_repository
    from tag_names as names
    inner join {{ ref('stg_github__tags') }} as tags
        on names.tag = {{ bare_ref('tags.name') }}
    inner join {{ ref('stg_github__repositories') }} as repositories
        on tags.repository_id = repositories.repository_id
    left join {{ ref('int_repository_names') }} as homes
        on names.repository = homes.name
    where names.repository is null or homes.repository_id = tags.repository_id
),

final as (
    select * from parsed
    union distinct
    select * from tagged
)

select * from final
