-- The changes of the range with the longest lead times, a row for each service.
select
    changes.change_id,
    changes.title,
    changes.url,
    changes.service,
    changes.team,
    changes.repository,
    changes.deployed_at,
    changes.lead_time_seconds,
    changes.coding_seconds,
    changes.review_seconds,
    changes.deploy_seconds
from {marts}fct_changes as changes
where
    changes.is_counted
    and changes.lead_time_seconds is not null
    and {parts/changes_of_range}
order by
    changes.lead_time_seconds desc,
    changes.change_id,
    changes.service
limit @row_limit
