-- The changes of the range, a row for each service, with the times that made their lead time.
select
    changes.change_id,
    changes.kind,
    changes.service,
    changes.team,
    changes.repository,
    changes.title,
    changes.url,
    changes.is_bot,
    changes.first_commit_at,
    changes.opened_at,
    changes.first_review_at,
    changes.merged_at,
    changes.deployed_at,
    changes.deployment_id,
    changes.lead_time_seconds,
    changes.coding_seconds,
    changes.review_seconds,
    changes.deploy_seconds,
    changes.is_counted,
    changes.exclusion_reason
from {marts}fct_changes as changes
where {parts/changes_of_range}
order by
    coalesce(changes.deployed_at, changes.merged_at) desc,
    changes.change_id desc,
    changes.service
limit @row_limit
