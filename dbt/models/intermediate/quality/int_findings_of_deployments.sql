-- Findings about deployments, changes and commits: times in impossible order and commits that nobody has any more
-- (C5, C6).
with

final as (
    select
        'unknown_commit' as rule,
        'warn' as severity,
        'deployment' as object_type,
        deployment_id as object_id,
        {{ said('detail', [
            {
                'when': "sha is not null and nullif(repository, '') is not null",
                'en': 'the commit {sha} of {repository} cannot be found any more; what it shipped, and what the next '
                    'known one did, has no lead time',
                'ja': '{repository}のコミット{sha}はもう見つかりません。これと、コミットの分かる次のデプロイとでリリースしたものには、'
                    'リードタイムがありません',
            },
            {
                'en': 'its commit is not known; what it shipped, and what the next known one did, has no lead time',
                'ja': 'コミットが分かりません。これと、コミットの分かる次のデプロイとでリリースしたものには、リードタイムがありません',
            },
        ]) }}
    from {{ ref('int_deployments_judged') }}
    where is_effective and not is_known
    union distinct
    select
        'unknown_commit' as rule,
        'warn' as severity,
        'deployment' as object_type,
        deployment_id as object_id,
        {{ said('detail', {
            'en': 'it is the first after a deployment of a commit that is not known; what it shipped has no lead time',
            'ja': 'コミットの分からないデプロイの次のデプロイのため、リリースしたものにはリードタイムがありません',
        }) }}
    from {{ ref('int_deployments_judged') }}
    where is_effective and follows_unknown
    union distinct
    select
        'finished_before_created' as rule,
        'warn' as severity,
        'deployment' as object_type,
        deployment_id as object_id,
        {{ said('detail', {
            'en': 'it was made at {created_at:instant} and finished before, at {finished_at:instant}',
            'ja': '完了（{finished_at:instant}）が作成（{created_at:instant}）より前です',
        }) }}
    from {{ ref('int_deployments_judged') }}
    where finished_at < created_at
    union distinct
    select
        'commit_after_merge' as rule,
        'warn' as severity,
        'change' as object_type,
        change_id as object_id,
        {{ said('detail', {
            'en': 'its first commit was written at {first_commit_at:instant}, after its merge at {merged_at:instant}',
            'ja': '最初のコミットの作成（{first_commit_at:instant}）がマージ（{merged_at:instant}）より後です',
        }) }}
    from {{ ref('fct_changes') }}
    where first_commit_at > merged_at
    union distinct
    select
        'deployed_before_merge' as rule,
        'warn' as severity,
        'change' as object_type,
        change_id as object_id,
        {{ said('detail', {
            'en': 'it was deployed at {deployed_at:instant}, before its merge at {merged_at:instant}',
            'ja': 'デプロイ（{deployed_at:instant}）がマージ（{merged_at:instant}）より前です',
        }) }}
    from {{ ref('fct_changes') }}
    where deployed_at < merged_at
    union distinct
    select
        'commit_after_deploy' as rule,
        'warn' as severity,
        'commit' as object_type,
        repository || '@' || sha as object_id,
        {{ said('detail', {
            'en': 'it was written at {authored_at:instant}, after it was deployed at {deployed_at:instant}',
            'ja': 'コミットの作成（{authored_at:instant}）がデプロイ（{deployed_at:instant}）より後です',
        }) }}
    from {{ ref('fct_commits') }}
    where authored_at > deployed_at
    union distinct
    select
        'restored_before_deployment' as rule,
        'warn' as severity,
        'deployment' as object_type,
        deployment_id as object_id,
        {{ said('detail', {
            'en': 'it finished at {finished_at:instant}, after what it is said to have caused was restored, at '
                '{recovered_at:instant}; it has no recovery time',
            'ja': '原因とされた障害の復旧（{recovered_at:instant}）がデプロイの完了（{finished_at:instant}）より前のため、'
                '復旧時間はありません',
        }) }}
    from {{ ref('fct_deployments') }}
    where recovered_at < finished_at
)

select * from final
