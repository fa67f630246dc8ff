-- Findings about deployments, changes and commits: times in impossible order and commits that nobody has any more
-- (C5, C6).
with

final as (
    select
        'unknown_commit' as rule,
        'warn' as severity,
        'deployment' as object_type,
        deployment_id as object_id,
        coalesce(
            'the commit ' || sha || ' of ' || nullif(repository, '') || ' cannot be found any more',
            'its commit is not known'
        ) || '; what it shipped, and what the next known one did, has no lead time' as detail
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
)

select * from final
