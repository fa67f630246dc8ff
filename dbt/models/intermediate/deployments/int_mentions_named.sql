-- L1: the deployments that the field for causes names outright, by any name that a deployment or another report of it
-- has.
with

names as (
    select
        incident_id,
        words,
        words_ja,
        deployment_name as name
    from {{ ref('int_incident_mentions') }}
    where place = 'field' and deployment_name is not null
    union distinct
    select
        incident_id,
        words,
        words_ja,
        deployment_address as name
    from {{ ref('int_incident_mentions') }}
    where place = 'field' and deployment_address is not null
),

deployments as (
    select
        deployment_id,
        service,
        source_id,
        created_at,
        finished_at,
        case when source = 'deployments' then source_id else deployment_id end as shown
    from {{ ref('int_deployments_judged') }}
),

final as (
    select distinct
        names.incident_id,
        deployments.deployment_id,
        deployments.source_id,
        deployments.created_at,
        deployments.finished_at,
        {{ said('evidence', [
            {
                'when': 'names.name in (lower(deployments.source_id), lower(deployments.deployment_id))',
                'en': '{names.words}deployment {deployments.shown}',
                'ja': '{names.words_ja}デプロイ{deployments.shown}です',
            },
            {
                'en': '{names.words}deployment {deployments.shown} by {names.name}',
                'ja': '{names.words_ja}デプロイ{deployments.shown}（{names.name}）です',
            },
        ]) }}
    from names
    inner join {{ source('ship', 'ship_deployment_names') }} as known
        on names.name = known.name
    inner join deployments
        on
            known.deployment_id = deployments.deployment_id
            and known.service = deployments.service
)

select * from final
