-- Every deployment in each service that takes it, and whether it counts (D1, D4, D5): the first rule that it fails.
-- `is_effective` says that it put its commit before users: it passes D1, redeployments and members of groups included.
-- `counted_deployment_id` is what its failure and rework stand on: itself, or of a member of a group that would count
-- by itself the one that does.
with

redeploys as (
    select coalesce(max(lower(value)), 'true') <> 'false' as are_counted
    from {{ ref('config_settings') }}
    where name = 'count_redeploys'
),

judged as (
    select
        ship.*,
        services.team,
        {{ said('not_effective', [
            {'when': 'not ship.is_source', 'en': 'D1 source {ship.source}', 'ja': 'D1 取得元{ship.source}'},
            {'when': 'not ship.is_production', 'en': 'D1 environment {ship.environment}', 'ja': 'D1 環境{ship.environment}'},
            {'when': 'ship.is_transient', 'en': 'D1 transient environment', 'ja': 'D1 一時的な環境'},
            {'when': "ship.task <> 'deploy'", 'en': 'D1 task {ship.task}', 'ja': 'D1 タスク{ship.task}'},
            {'when': 'ship.finished_at is null', 'en': 'D1 status {ship.status}', 'ja': 'D1 ステータス{ship.status}'},
        ]) }},
        {{ said('not_wanted', [{
            'when': "ship.kind = 'redeploy' and not redeploys.are_counted",
            'en': 'D4 redeploy',
            'ja': 'D4 稼働中のコミットの再デプロイ',
        }]) }}
    from {{ source('ship', 'ship_deployments') }} as ship
    cross join redeploys
    left join {{ source('ship', 'ship_services') }} as services
        on ship.service = services.service
),

-- Of each group the last finished one that would count.
counted_of_groups as (
    select
        service,
        environment,
        group_id,
        deployment_id
    from judged
    where group_id is not null and not_effective is null and not_wanted is null
    qualify
        row_number() over (
            partition by service, environment, group_id
            order by finished_at desc, created_at desc, {{ sortable('source_id') }} desc, deployment_id desc
        ) = 1
),

grouped as (
    select
        judged.*,
        counted_of_groups.deployment_id as group_deployment_id,
        {{ said('not_last', [{
            'when': 'counted_of_groups.deployment_id <> judged.deployment_id',
            'en': 'D5 group',
            'ja': 'D5 まとめて1件のデプロイの一部',
        }]) }}
    from judged
    left join counted_of_groups
        on
            judged.service = counted_of_groups.service
            and judged.environment = counted_of_groups.environment
            and judged.group_id = counted_of_groups.group_id
),

final as (
    select
        deployment_id,
        source,
        source_id,
        aliases,
        group_id,
        repository_id,
        nullif(repository, '') as repository,
        service,
        team,
        environment,
        sha,
        ref,
        url,
        created_at,
        finished_at,
        status,
        kind,
        is_diverged,
        is_known,
        follows_unknown,
        previous_deployment_id,
        culprit_deployment_id,
        commits_shipped,
        not_effective is null as is_effective,
        coalesce(not_effective, not_wanted, not_last) is null as is_counted,
        coalesce(not_effective, not_wanted, not_last) as exclusion_reason,
        coalesce(not_effective_ja, not_wanted_ja, not_last_ja) as exclusion_reason_ja,
        case
            when coalesce(not_effective, not_wanted) is null then coalesce(group_deployment_id, deployment_id)
        end as counted_deployment_id
    from grouped
)

select * from final
