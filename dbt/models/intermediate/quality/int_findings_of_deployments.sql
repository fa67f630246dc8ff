-- Findings about deployments, changes and commits: times in impossible order and commits that nobody has any more
-- (C5, C6).
with

findings as (
    select
        'unknown_commit' as rule,
        'warn' as severity,
        'deployment' as object_type,
        deployment_id as object_id,
        'the commit ' || sha || ' of ' || repository
        || ' cannot be found any more; what it shipped, and what the next known one did, has no lead time' as detail
    from {{ ref('int_deployments_judged') }}
    where is_effective and not is_known
    union distinct
    select
        'unknown_commit' as rule,
        'warn' as severity,
        'deployment' as object_type,
        deployment_id as object_id,
        'it is the first after a deployment of a commit that is not known; what it shipped has no lead time' as detail
    from {{ ref('int_deployments_judged') }}
    where is_effective and follows_unknown
    union distinct
    select
        'finished_before_created' as rule,
        'warn' as severity,
        'deployment' as object_type,
        deployment_id as object_id,
        'it was made at ' || {{ instant_to_text('created_at') }} || ' and finished before, at '
        || {{ instant_to_text('finished_at') }} as detail
    from {{ ref('int_deployments_judged') }}
    where finished_at < created_at
    union distinct
    select
        'commit_after_merge' as rule,
        'warn' as severity,
        'change' as object_type,
        change_id as object_id,
        'its first commit was written at ' || {{ instant_to_text('first_commit_at') }} || ', after its merge at '
        || {{ instant_to_text('merged_at') }} as detail
    from {{ ref('fct_changes') }}
    where first_commit_at > merged_at
    union distinct
    select
        'deployed_before_merge' as rule,
        'warn' as severity,
        'change' as object_type,
        change_id as object_id,
        'it was deployed at ' || {{ instant_to_text('deployed_at') }} || ', before its merge at '
        || {{ instant_to_text('merged_at') }} as detail
    from {{ ref('fct_changes') }}
    where deployed_at < merged_at
    union distinct
    select
        'commit_after_deploy' as rule,
        'warn' as severity,
        'commit' as object_type,
        repository || '@' || sha as object_id,
        'it was written at ' || {{ instant_to_text('authored_at') }} || ', after it was deployed at '
        || {{ instant_to_text('deployed_at') }} as detail
    from {{ ref('fct_commits') }}
    where authored_at > deployed_at
    union distinct
    select
        'restored_before_deployment' as rule,
        'warn' as severity,
        'deployment' as object_type,
        deployment_id as object_id,
        'it finished at ' || {{ instant_to_text('finished_at') }}
        || ', after what it is said to have caused was restored, at '
        || {{ instant_to_text('recovered_at') }} || '; it has no recovery time' as detail
    from {{ ref('fct_deployments') }}
    where recovered_at < finished_at
),

cause_field as (
    select
        'unknown_field' as rule,
        'warn' as severity,
        'configuration' as object_type,
        settings.value as object_id,
        'no incident has a custom field named "' || settings.value || '"; it names no cause' as detail
    from {{ ref('config_settings') }} as settings
    left join {{ ref('stg_incidentio__custom_fields') }} as definitions
        on lower(settings.value) = lower(definitions.name)
    left join {{ ref('int_incident_fields_unnested') }} as fields
        on lower(settings.value) in (lower(fields.field), lower(fields.embedded_field))
    where
        settings.name = 'cause_field'
        and nullif(settings.value, '') is not null
        and definitions.name is null
        and fields.field is null
),

level_year as (
    select
        'unknown_level_year' as rule,
        'warn' as severity,
        'configuration' as object_type,
        'levels' as object_id,
        'the report of ' || settings.value || ' has no levels here; no level is given' as detail
    from {{ ref('config_settings') }} as settings
    left join {{ ref('levels') }} as levels
        on settings.value = cast(levels.year as string)
    where settings.name = 'levels' and levels.year is null
),

final as (
    select * from findings
    union all
    select * from cause_field
    union all
    select * from level_year
)

select * from final
