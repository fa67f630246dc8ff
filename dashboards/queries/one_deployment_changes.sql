-- What one deployment was the first to bring to production: its changes, a row for each service, the slowest first.
select
    changes.change_id,
    changes.kind,
    changes.service,
    changes.title,
    changes.url,
    changes.is_bot,
    changes.first_commit_at,
    changes.opened_at,
    changes.merged_at,
    changes.deployed_at,
    changes.lead_time_seconds,
    changes.coding_seconds,
    changes.review_seconds,
    changes.deploy_seconds,
    changes.is_counted,
    changes.exclusion_reason
from {marts}fct_changes as changes
where changes.deployment_id = @deployment
order by
    case when changes.lead_time_seconds is null then 1 else 0 end,
    changes.lead_time_seconds desc,
    changes.change_id,
    changes.service
limit @row_limit
