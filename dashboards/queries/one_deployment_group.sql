-- The members of the group of one deployment, which together are one deployment; none where it is one by itself.
with

this as (
    select distinct
        deployments.group_id,
        deployments.service,
        deployments.environment
    from {marts}fct_deployments as deployments
    where
        deployments.deployment_id = @deployment
        and deployments.group_id is not null
)

select distinct
    members.deployment_id,
    members.repository,
    members.sha,
    members.finished_at,
    members.is_counted
from {marts}fct_deployments as members
inner join this
    on
        members.group_id = this.group_id
        and members.service = this.service
        and members.environment = this.environment
order by
    members.finished_at,
    members.deployment_id,
    members.is_counted
limit @row_limit
