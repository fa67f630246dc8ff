-- L1: the deployments that the field for causes names outright, by any name that a deployment or another report of it
-- has.
with

names as (
    select
        incident_id,
        words,
        deployment_name as name
    from {{ ref('int_incident_mentions') }}
    where place = 'field' and deployment_name is not null
    union distinct
    select
        incident_id,
        words,
        deployment_address as name
    from {{ ref('int_incident_mentions') }}
    where place = 'field' and deployment_address is not null
),

final as (
    select distinct
        names.incident_id,
        deployments.deployment_id,
        deployments.source_id,
        deployments.created_at,
        deployments.finished_at,
        names.words || 'deployment '
        || case
            when deployments.source = 'deployments' then deployments.source_id
            else deployments.deployment_id
        end
        || case
            when names.name in (lower(deployments.source_id), lower(deployments.deployment_id)) then ''
            else ' by ' || names.name
        end as evidence
    from names
    inner join {{ source('ship', 'ship_deployment_names') }} as known
        on names.name = known.name
    inner join {{ ref('int_deployments_judged') }} as deployments
        on
            known.deployment_id = deployments.deployment_id
            and known.service = deployments.service
)

select * from final
