-- How many deployments and changes of the range count, how many do not, and why. One that lives in several services is one.
with

final as (
    select
        'deployment' as object_type,
        deployments.exclusion_reason,
        deployments.deployment_id as object_id
    from {marts}fct_deployments as deployments
    where {parts/deployments_of_range}
    union all
    select
        'change' as object_type,
        changes.exclusion_reason,
        changes.change_id as object_id
    from {marts}fct_changes as changes
    where {parts/changes_of_range}
)

select
    object_type,
    coalesce(exclusion_reason, '') as exclusion_reason,
    count(distinct object_id) as objects
from final
group by
    object_type,
    exclusion_reason
order by
    object_type desc,
    objects desc,
    exclusion_reason
