-- What only the pages of single objects show: to the contract of the marts, like the rest.
create table fct_commits as
select
    substr(md5(changes.change_id || '/' || n) || md5(changes.change_id), 1, 40) as sha,
    changes.repository,
    changes.service,
    changes.first_commit_at + to_seconds(cast(n * 60 as bigint)) as authored_at,
    changes.deployed_at,
    changes.deployment_id,
    case when n < 4 then changes.change_id end as change_id,
    case when n < 4 then date_diff('second', changes.first_commit_at + to_seconds(cast(n * 60 as bigint)), changes.deployed_at) end as lead_time_seconds,
    n < 4 as is_counted,
    case when n = 4 then 'C2 merge commit' end as exclusion_reason,
    'b-20261125-0830' as build_id
from fct_changes as changes
cross join generate_series(1, 4) as g (n)
where n = 4 or n <= 1 + length(changes.change_id) % 3;

create table fct_incident_durations as
select
    incident_id,
    'detection' as duration,
    'detection_median_seconds' as measure,
    impact_started_at as from_at,
    reported_at as to_at,
    'Impact started' as from_basis,
    'Reported at' as to_basis,
    date_diff('second', impact_started_at, reported_at) as seconds,
    'b-20261125-0830' as build_id
from fct_incidents
where impact_started_at is not null and reported_at is not null;
