-- A published build of a small company, with the columns that explanations read.
-- acme/api serves api and worker: 101 is the baseline; 102 ships #12 and a commit without a pull request, and breaks
-- things; 103 rolls it back; 104 goes to staging; 105 fails; 106 ships the fix #13, from a branch.
create table fct_incidents (
    incident_id varchar, reference varchar, name varchar, permalink varchar, mode varchar, visibility varchar, severity varchar,
    incident_type varchar, status varchar, status_category varchar, is_counted boolean, exclusion_reason varchar, reopened_count bigint,
    started_at timestamptz, restore_start_basis varchar, restored_at timestamptz, restore_end_basis varchar, acknowledged_at timestamptz,
    acknowledge_basis varchar, time_to_restore_seconds bigint, time_to_acknowledge_seconds bigint, build_id varchar, created_at timestamptz
);
insert into fct_incidents values
('01ABC', 'INC-5', '決済が遅い', 'https://app.example.test/5', 'standard', 'public', 'Major', 'Production', 'Closed', 'closed', true, null, 2,
    '2026-10-05 09:00:00.148Z', 'Reported at', '2026-10-05 09:50:00.148Z', 'left_live', '2026-10-05 09:05:00.148Z', 'Accepted at', 3000, 300, 'b1', '2026-10-05 09:00:01Z'),
('01DEF', 'INC-6', null, null, null, null, null, null, null, null, false, 'I2 status category triage', null,
    null, null, null, null, null, null, null, null, 'b1', '2026-10-06 09:00:00Z'),
('01GHI', 'INC-7', 'Slow search', null, 'standard', 'public', 'Minor', null, 'Fixing', 'live', true, null, 0,
    '2026-10-09 09:00:00Z', 'created_at', null, null, null, null, null, null, 'b1', '2026-10-09 09:00:00Z'),
('01JKL', 'INC-8', 'Nobody knows where', null, 'standard', 'public', 'Minor', null, 'Fixing', 'live', true, null, 0,
    '2026-10-09 10:00:00Z', 'created_at', null, null, null, null, null, null, 'b1', '2026-10-09 10:00:00Z');

create table fct_incident_services (incident_id varchar, service varchar, team varchar);
insert into fct_incident_services values ('01ABC', 'api', 'payments'), ('01ABC', 'web', null), ('01GHI', 'worker', null);

create table fct_incident_timestamps (incident_id varchar, name varchar, "at" timestamptz);
insert into fct_incident_timestamps values
('01ABC', 'Reported at', '2026-10-05 09:00:00.148Z'), ('01ABC', 'Accepted at', '2026-10-05 09:05:00.148Z'), ('01ABC', 'Fixed at', null);

create table fct_incident_status_intervals (incident_id varchar, status varchar, status_category varchar, started_at timestamptz, ended_at timestamptz);
insert into fct_incident_status_intervals values
('01ABC', 'Fixing', 'live', '2026-10-05 09:00:00.148Z', '2026-10-05 09:20:00.148Z'), ('01ABC', 'Closed', 'closed', '2026-10-05 09:20:00.148Z', null);

create table fct_incident_fields (incident_id varchar, field varchar, value varchar);
insert into fct_incident_fields values ('01ABC', 'Cause', 'Deployment'), ('01GHI', 'Caused by', 'the new cluster');

create table dim_services (service varchar, team varchar);
insert into dim_services values ('api', 'payments'), ('worker', null), ('web', null);

create table fct_deployments (
    deployment_id varchar, source varchar, aliases varchar, group_id varchar, repository varchar, service varchar, team varchar, environment varchar,
    sha varchar, ref varchar, url varchar, created_at timestamptz, finished_at timestamptz, status varchar, kind varchar, is_diverged boolean,
    previous_deployment_id varchar, culprit_deployment_id varchar, commits_shipped bigint, changes_shipped bigint, is_counted boolean,
    exclusion_reason varchar, is_change_failure boolean, failure_reason varchar, is_rework boolean, rework_reason varchar,
    recovered_at timestamptz, recovery_seconds bigint, build_id varchar
);
insert into fct_deployments
with d (n, environment, sha, ref, created_at, finished_at, status, kind, is_diverged, previous, culprit, commits, changes, excluded) as (values
    (101, 'production', 'a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1', 'main', '2026-10-01 08:55:00Z', '2026-10-01 09:00:00Z', 'success', 'baseline', false, null, null, 0, 0, null),
    (102, 'production', 'b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2', 'main', '2026-10-05 08:05:00Z', '2026-10-05 08:10:00Z', 'success', 'forward', false, 101, null, 3, 2, null),
    (103, 'production', 'a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1', 'a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1', '2026-10-05 09:15:00Z', '2026-10-05 09:20:00Z', 'success', 'rollback', false, 102, 102, 0, 0, null),
    (104, 'staging', 'c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3', 'fix', '2026-10-05 09:30:00Z', '2026-10-05 09:32:00Z', 'success', 'baseline', false, null, null, 0, 0, 'D1 environment staging'),
    (105, 'production', 'c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3', 'fix', '2026-10-05 09:35:00Z', null, 'failure', null, null, null, null, null, null, 'D1 status failure'),
    (106, 'production', 'c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3', 'fix', '2026-10-05 09:40:00Z', '2026-10-05 09:45:00Z', 'success', 'forward', true, 103, null, 1, 1, null)
)
select 'deployments:' || n, 'deployments', '["' || n || '"]', null, 'acme/api', s.service, s.team, environment, sha, ref,
    'https://api.github.com/repos/acme/api/deployments/' || n, created_at::timestamptz, finished_at::timestamptz, status, kind, is_diverged,
    'deployments:' || previous, 'deployments:' || culprit, commits, changes, excluded is null, excluded,
    n = 102, case when n = 102 then 'F1 caused INC-5 (pull_request)' end, n in (103, 106), case n when 103 then 'W rollback' when 106 then 'W fix of INC-5' end,
    case when n = 102 then '2026-10-05 09:50:00.148Z'::timestamptz end, case when n = 102 then 6000 end, 'b1'
from d cross join (values ('api', 'payments'), ('worker', null)) as s (service, team);
insert into fct_deployments values
('deployments:7', 'deployments', '["7", "runs:55"]', 'p-9', 'acme/web', 'web', null, 'live', 'a1a1a1a9a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1', null, null, '2026-10-02 08:00:00Z',
    '2026-10-02 08:10:00Z', 'success', 'baseline', false, null, null, 0, 0, true, null, true, 'F2 was rolled back by deployments:8', false, null, '2026-10-02 09:10:00Z', 3600, 'b1'),
('deployments:8', 'deployments', '["8"]', null, 'acme/web', 'web', null, 'live', 'e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5', null, null, '2026-10-02 09:00:00Z',
    '2026-10-02 09:10:00Z', 'success', 'rollback', false, 'deployments:7', 'deployments:7', 0, 0, true, null, true, 'F1 caused INC-9 (proximity)', true, 'W rollback', null, null, 'b1'),
('deployments:1234567', 'deployments', '["1234567"]', null, 'acme/web', 'web', null, 'live', '7654321e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e', null, null, '2026-10-03 09:00:00Z',
    '2026-10-03 09:10:00Z', 'success', 'forward', false, 'deployments:8', null, 0, 0, true, null, false, null, false, null, null, null, 'b1');

create table fct_changes (
    change_id varchar, kind varchar, repository varchar, service varchar, team varchar, pull_request bigint, sha varchar, merge_sha varchar,
    title varchar, url varchar, is_bot boolean, first_commit_at timestamptz, opened_at timestamptz, first_review_at timestamptz,
    merged_at timestamptz, deployed_at timestamptz, deployment_id varchar, lead_time_seconds bigint, coding_seconds bigint,
    review_seconds bigint, deploy_seconds bigint, is_counted boolean, exclusion_reason varchar, build_id varchar
);
insert into fct_changes
select 'acme/api#12', 'pull_request', 'acme/api', service, team, 12, '12121212121212121212121212121212121212aa', 'b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1',
    'Raise the pool size', 'https://github.com/acme/api/pull/12', false, '2026-10-03 08:00:00Z'::timestamptz, '2026-10-03 09:00:00Z'::timestamptz,
    '2026-10-03 11:00:00Z'::timestamptz, '2026-10-04 09:00:00Z'::timestamptz, '2026-10-05 08:10:00Z'::timestamptz, 'deployments:102', 173400, 3600, 86400, 83400, true, null, 'b1'
from (values ('api', 'payments'), ('worker', null)) as s (service, team);
insert into fct_changes values
('acme/api@d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4', 'commit', 'acme/api', 'api', 'payments', null, 'd4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4', null, 'Bump the version',
    'https://github.com/acme/api/commit/d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4', true, '2026-10-04 10:00:00Z', null, null, null, '2026-10-05 08:10:00Z', 'deployments:102',
    79800, null, null, null, true, null, 'b1'),
('acme/api#13', 'pull_request', 'acme/api', 'api', 'payments', 13, '13131313131313131313131313131313131313aa', 'c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3', E'Fix it\nquickly \x1b[31m',
    'https://github.com/acme/api/pull/13', false, null, '2026-10-05 09:22:00Z', null, '2026-10-05 09:29:00Z', '2026-10-05 09:45:00Z', 'deployments:106',
    null, null, 420, 960, false, 'C6 after a deployment of an unknown commit', 'b1'),
('acme/web#12', 'pull_request', 'acme/web', 'web', null, 12, '14141414141414141414141414141414141414aa', '15151515151515151515151515151515151515aa', 'Say hello',
    'https://github.com/acme/web/pull/12', false, '2026-10-08 09:00:00Z', '2026-10-08 08:00:00Z', null, '2026-10-08 10:00:00Z', null, null,
    null, null, 7200, null, false, 'C4 not deployed yet', 'b1');

create table fct_commits (
    sha varchar, repository varchar, service varchar, authored_at timestamptz, deployed_at timestamptz, deployment_id varchar, change_id varchar,
    lead_time_seconds bigint, is_counted boolean, exclusion_reason varchar
);
insert into fct_commits
select c.sha, 'acme/api', s.service, c.authored_at::timestamptz, c.deployed_at::timestamptz, c.deployment_id, c.change_id, c.seconds, c.excluded is null, c.excluded
from (values
    ('12121212121212121212121212121212121212aa', '2026-10-03 08:00:00Z', '2026-10-05 08:10:00Z', 'deployments:102', 'acme/api#12', 173400, null),
    ('b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1', '2026-10-04 09:00:00Z', '2026-10-05 08:10:00Z', 'deployments:102', 'acme/api#12', null, 'C2 merge commit'),
    ('d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4', '2026-10-04 10:00:00Z', '2026-10-05 08:10:00Z', 'deployments:102', 'acme/api@d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4', 79800, null),
    ('c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3', '2026-10-05 09:29:00Z', '2026-10-05 09:45:00Z', 'deployments:106', 'acme/api#13', null, 'C6 after a deployment of an unknown commit'),
    ('f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6', '2026-10-05 09:30:00Z', '2026-10-05 09:45:00Z', 'deployments:106', null, null, 'C2 merge commit')
) as c (sha, authored_at, deployed_at, deployment_id, change_id, seconds, excluded)
cross join (values ('api'), ('worker')) as s (service);

create table fct_incident_deployments (
    incident_id varchar, deployment_id varchar, role varchar, method varchar, confidence varchar, evidence varchar, decided_by varchar, reason varchar
);
insert into fct_incident_deployments values
('01ABC', 'deployments:102', 'cause', 'pull_request', 'high', 'attached acme/api#12, which it shipped before the start', null, null),
('01ABC', 'deployments:106', 'fix', 'pull_request', 'high', 'attached acme/api#13, which it shipped after the start', null, null),
('01JKL', 'deployments:106', 'fix', 'manual', 'high', null, 'priya', 'she was there');

create table fct_incident_durations (incident_id varchar, duration varchar, measure varchar, from_at timestamptz, to_at timestamptz, seconds bigint);
insert into fct_incident_durations values
('01ABC', 'Detection', 'detection_median_seconds', '2026-10-05 08:58:00Z', '2026-10-05 09:00:00.148Z', 120),
('01GHI', 'Detection', 'detection_median_seconds', '2026-10-09 09:00:01Z', '2026-10-09 09:00:00Z', null);

create table fct_unlinked_incidents (
    incident_id varchar, reason varchar, nearest_deployment_id varchar, what_would_link varchar, decided_by varchar, decision_reason varchar
);
insert into fct_unlinked_incidents values
('01GHI', 'L4 no counted deployment of worker finished within 24h before its start', 'deployments:106',
    'name the deployment, commit or release in the field "Caused by"', null, null),
('01JKL', 'manual: none', null, 'take the line out of the links file', 'priya', 'a cable was cut');

create table fct_measures (
    metric varchar, object_type varchar, object_id varchar, "at" timestamptz, local_date date, service varchar, team varchar, repository varchar,
    severity varchar, incident_type varchar, value bigint, numerator bigint, denominator bigint, rule varchar
);
insert into fct_measures
with d as (
    select *, timezone('Asia/Tokyo', finished_at)::date as local_date from fct_deployments where is_counted
)
select 'deployments', 'deployment', deployment_id, finished_at, local_date, service, team, repository, null, null, 1, null, null, 'D1' from d
union all
select 'change_failure_rate', 'deployment', deployment_id, finished_at, local_date, service, team, repository, null, null, null, is_change_failure::int, 1, 'F3' from d
union all
select 'change_failure_rate_evidence', 'deployment', deployment_id, finished_at, local_date, service, team, repository, null, null, null,
    (is_change_failure and failure_reason not like '%proximity%')::int, 1, 'F3' from d
union all
select 'rework_rate', 'deployment', deployment_id, finished_at, local_date, service, team, repository, null, null, null, is_rework::int, 1, 'W' from d
union all
select 'failed_deployment_recovery_median_seconds', 'deployment', deployment_id, finished_at, local_date, service, team, repository, null, null,
    recovery_seconds, null, null, case when failure_reason like 'F2%' then 'R2' else 'R1' end from d where recovery_seconds is not null
union all
select 'lead_time_median_seconds', 'change', change_id, deployed_at, timezone('Asia/Tokyo', deployed_at)::date, service, team, repository, null, null, lead_time_seconds, null, null, 'C4'
from fct_changes where is_counted
union all
select 'commit_lead_time_median_seconds', 'commit', repository || '@' || sha, deployed_at, timezone('Asia/Tokyo', deployed_at)::date, service, null, repository, null, null,
    lead_time_seconds, null, null, 'C1'
from fct_commits where is_counted
union all
select 'incidents', 'incident', i.incident_id, i.started_at, timezone('Asia/Tokyo', i.started_at)::date, s.service, s.team, null, i.severity, i.incident_type, 1, null, null, 'I7'
from fct_incidents as i left join fct_incident_services as s on i.incident_id = s.incident_id where i.is_counted
union all
select 'time_to_restore_median_seconds', 'incident', i.incident_id, i.restored_at, timezone('Asia/Tokyo', i.restored_at)::date, s.service, s.team, null, i.severity, i.incident_type,
    i.time_to_restore_seconds, null, null, 'R3'
from fct_incidents as i left join fct_incident_services as s on i.incident_id = s.incident_id where i.is_counted and i.time_to_restore_seconds is not null
union all
select 'time_to_acknowledge_median_seconds', 'incident', i.incident_id, i.started_at, timezone('Asia/Tokyo', i.started_at)::date, s.service, s.team, null, i.severity, i.incident_type,
    i.time_to_acknowledge_seconds, null, null, 'I4'
from fct_incidents as i left join fct_incident_services as s on i.incident_id = s.incident_id where i.is_counted and i.time_to_acknowledge_seconds is not null
union all
select d.measure, 'incident', d.incident_id, d.from_at, timezone('Asia/Tokyo', d.from_at)::date, s.service, s.team, null, i.severity, i.incident_type, d.seconds, null, null, 'I4'
from fct_incident_durations as d
inner join fct_incidents as i on d.incident_id = i.incident_id
left join fct_incident_services as s on d.incident_id = s.incident_id where d.seconds is not null;
alter table fct_measures add column is_lone boolean;
update fct_measures set is_lone = 1 = (
    select count(*) from fct_measures as other where other.metric = fct_measures.metric and other.object_id = fct_measures.object_id
);
alter table fct_measures add column is_earliest boolean;
update fct_measures set is_earliest = not exists (
    select 1 from fct_measures as other where other.metric = fct_measures.metric and other.object_id = fct_measures.object_id
        and (other.at, coalesce(other.service, '')) < (fct_measures.at, coalesce(fct_measures.service, ''))
);
alter table fct_measures add column is_group_first boolean default true;

create table publication as
select 'b1' as build_id, timestamptz '2026-10-10 00:00:05Z' as built_at, timestamptz '2026-10-10 00:00:00Z' as as_of, date '2026-10-10' as as_of_date,
    'Asia/Tokyo' as timezone, 'monday' as week_start, '0.1.0' as program_version, '1.11.2' as dbt_version, 'c0ffee' as config_hash, '[]' as freshness;
create table dim_metrics as
select metrics.*, levels.year::bigint as level_year, levels.comparison as level_comparison, levels.elite::double as level_elite,
    levels.high::double as level_high, levels.medium::double as level_medium, 'b1' as build_id
from read_csv('$dir/metrics.csv', header = true) as metrics
left join read_csv('$dir/levels.csv', header = true) as levels on metrics.metric = levels.metric and levels.year = 2023
union all by name
select 'detection_median_seconds' as metric, 'detection_median_seconds' as measure, 'incident' as object_type, 'duration' as kind, 'median' as aggregate, 'seconds' as unit,
    'lower' as better, 'I4 I7 M1' as rules, 'Detection (median)' as title_en, 'Detection（中央値）' as title_ja, 'From Impact started to Reported at.' as description_en,
    '' as description_ja, 'b1' as build_id;
create table dim_limits as select *, 'b1' as build_id from read_csv('$dir/stats_limits.csv', header = true);

create table data_quality (rule varchar, severity varchar, object_type varchar, object_id varchar, detail varchar);
insert into data_quality values
('missing_end', 'warn', 'incident', '01ABC', E'INC-5 is \x1b[31modd'),
('unknown_commit', 'warn', 'deployment', 'deployments:103', 'its commit cannot be found any more'),
('finished_before_created', 'warn', 'deployment', 'deployments:106', 'it finished before it was made'),
('finished_before_created', 'warn', 'deployment', 'deployments:103', 'it finished before it was made'),
('commit_after_merge', 'info', 'change', 'acme/api#13', 'its first commit is later than its merge'),
('commit_after_deploy', 'warn', 'commit', 'acme/api@c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3', 'it was written after it was deployed'),
('commit_after_deploy', 'warn', 'commit', 'acme/web@c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3', 'another');
