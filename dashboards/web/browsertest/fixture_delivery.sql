-- What GitHub adds to the build of fixture.sql: deployments of four repositories to five services over the same 18 months,
-- the changes that they shipped, and the incidents that they caused.
create table dim_repositories as
select
    'r' || n as repository_id,
    repository,
    'main' as default_branch,
    false as is_archived,
    false as is_fork,
    'private' as visibility,
    'https://github.com/' || repository as url,
    timestamptz '2024-03-01 00:00:00+00' as created_at,
    'b-20261125-0830' as build_id
from (values (1, 'acme/api'), (2, 'acme/checkout'), (3, 'acme/search'), (4, 'acme/kessai')) as r (n, repository);

create table lives as
select * from (values
    ('acme/api', 'api'), ('acme/api', 'worker'), ('acme/checkout', 'checkout'), ('acme/search', 'search'), ('acme/kessai', '決済基盤')
) as l (repository, service);

-- More of them lately, between 10 and 19 o'clock in Tokyo, the last ones few hours before the build.
create table shipped as
with numbered as (
    select
        repository,
        i,
        repository || '/' || i as key,
        timestamptz '2025-05-26 01:00:00+00'
        + to_days(cast(floor(pow(i / n, 0.88) * 547) as integer))
        + to_seconds(cast(floor(uniform(repository || i, 'hour') * 9 * 3600) as bigint)) as created_at
    from (values ('acme/api', 760.0), ('acme/checkout', 300.0), ('acme/search', 96.0), ('acme/kessai', 19.0)) as r (repository, n)
    cross join lateral generate_series(1, cast(n as bigint)) as g (i)
),
ordered as (
    select *, row_number() over (order by created_at, key) as number
    from numbered
    where created_at < timestamptz '2026-11-25 06:00:00+00'
),
marked as (
    select
        *,
        case when uniform(key, 'environment') < 0.06 then 'staging' else 'production' end as environment,
        case when uniform(key, 'status') < 0.03 then 'failure' when uniform(key, 'status') > 0.998 then 'in_progress' else 'success' end as status,
        uniform(key, 'kind') as k
    from ordered
)
select
    'deployments:' || (71000 + number) as deployment_id,
    repository,
    environment,
    md5(key) || substr(md5(key || 'sha'), 1, 8) as sha,
    created_at,
    case when status = 'success' then created_at + to_seconds(cast(120 + floor(600 * uniform(key, 'takes')) as bigint)) end as finished_at,
    status,
    case when status <> 'success' then null
        when row_number() over (partition by repository, environment, status order by number) = 1 then 'baseline'
        when k < 0.025 then 'rollback' when k < 0.05 then 'redeploy' else 'forward'
    end as kind,
    case when status = 'success'
        then lag(deployment_id) over (partition by repository, environment, status order by number) end as previous_deployment_id,
    key
from (select *, 'deployments:' || (71000 + number) as deployment_id from marked);

-- Incidents come soon after what caused them: of those of a service, some have a deployment within a day before.
create table fct_incident_deployments as
with near as (
    select
        incidents.incident_id,
        max_by(shipped.deployment_id, shipped.finished_at) as deployment_id,
        max(shipped.finished_at) as finished_at,
        min(services.service) as service,
        date_diff('second', max(shipped.finished_at), any_value(incidents.started_at)) as seconds
    from fct_incidents as incidents
    join fct_incident_services as services using (incident_id)
    join lives on services.service = lives.service
    join shipped
        on lives.repository = shipped.repository and shipped.finished_at <= incidents.started_at
        and incidents.started_at <= shipped.finished_at + interval 6 hours
        and shipped.environment = 'production'
    group by incidents.incident_id
),
found as (
    select *, uniform(incident_id, 'method') as u, incident_id || service as k from near
)
select
    incident_id,
    deployment_id,
    'cause' as role,
    case when u < 0.15 then 'field' when u < 0.45 then 'pull_request' when u < 0.55 then 'revert' when u < 0.62 then 'manual' else 'proximity' end as method,
    case when u < 0.45 then 'high' when u < 0.55 then 'medium' when u < 0.62 then 'high' else 'low' end as confidence,
    case when u < 0.15 then 'the field "Caused by" names deployment ' || substr(deployment_id, 13)
        when u < 0.45 then 'the attached pull request #' || cast(floor(u * 9000) as bigint) || ', which it shipped before the start'
        when u < 0.55 then 'the fix #' || cast(floor(u * 9000) as bigint) || ' reverts #' || cast(floor(u * 8990) as bigint) || ', which it shipped before the start'
        when u < 0.62 then 'links.csv'
        else 'it finished ' || seconds || ' seconds before the start, as the latest counted deployment of ' || service end as evidence,
    case when u < 0.15 then 'フィールド「Caused by」に指定されたデプロイ' || substr(deployment_id, 13) || 'です'
        when u < 0.45 then '添付されたプルリクエスト#' || cast(floor(u * 9000) as bigint) || 'を、開始より前にリリースしています'
        when u < 0.55 then '修正の#' || cast(floor(u * 9000) as bigint) || 'が取り消した#' || cast(floor(u * 8990) as bigint) || 'を、開始より前にリリースしています'
        when u < 0.62 then 'links.csvで指定しています'
        else '開始の' || seconds || '秒前に完了した、' || service || 'の直前の集計対象デプロイです' end as evidence_ja,
    case when u between 0.55 and 0.62 then 'hana' end as decided_by,
    case when u between 0.55 and 0.62 then 'A migration locked the table' end as reason,
    'b-20261125-0830' as build_id
from found;
insert into fct_incident_deployments
select
    links.incident_id,
    min_by(later.deployment_id, later.finished_at) as deployment_id,
    'fix',
    'pull_request',
    'high',
    'the attached pull request #' || cast(floor(uniform(links.incident_id, 'fix') * 9000) as bigint) || ', which it shipped after the start',
    '添付されたプルリクエスト#' || cast(floor(uniform(links.incident_id, 'fix') * 9000) as bigint) || 'を、開始より後にリリースしています',
    null,
    null,
    'b-20261125-0830'
from fct_incident_deployments as links
join shipped as cause using (deployment_id)
join fct_incidents as incidents using (incident_id)
join shipped as later
    on cause.repository = later.repository and later.finished_at > incidents.started_at and later.environment = 'production'
where links.method in ('pull_request', 'revert')
group by links.incident_id;

create table fct_deployments as
with failed as (
    select
        links.deployment_id,
        min(incidents.reference) as reference,
        max(incidents.restored_at) as restored_at,
        count(*) filter (where incidents.restored_at is null) as unrestored,
        bool_and(links.method = 'proximity') as is_guess
    from fct_incident_deployments as links
    join fct_incidents as incidents using (incident_id)
    where links.role = 'cause' and incidents.is_counted
    group by links.deployment_id
),
fixes as (
    select distinct deployment_id from fct_incident_deployments where role = 'fix'
)
select
    shipped.deployment_id,
    'deployments' as source,
    '["' || substr(shipped.deployment_id, 13) || '"]' as aliases,
    cast(null as varchar) as group_id,
    shipped.repository,
    dim_services.service,
    dim_services.team,
    shipped.environment,
    shipped.sha,
    'main' as ref,
    'https://api.github.com/repos/' || shipped.repository || '/deployments/' || substr(shipped.deployment_id, 13) as url,
    shipped.created_at,
    shipped.finished_at,
    shipped.status,
    shipped.kind,
    false as is_diverged,
    shipped.previous_deployment_id,
    case when shipped.kind = 'rollback' then shipped.previous_deployment_id end as culprit_deployment_id,
    cast(case when shipped.kind = 'forward' then 1 + floor(6 * uniform(shipped.key, 'commits')) else 0 end as bigint) as commits_shipped,
    cast(case when shipped.kind = 'forward' then 1 + floor(2.6 * uniform(shipped.key, 'changes')) else 0 end as bigint) as changes_shipped,
    shipped.environment = 'production' and shipped.status = 'success' as is_counted,
    case when shipped.environment <> 'production' then 'D1 environment ' || shipped.environment
        when shipped.status <> 'success' then 'D1 status ' || shipped.status end as exclusion_reason,
    shipped.environment = 'production' and shipped.status = 'success' and (failed.deployment_id is not null or undone.deployment_id is not null) as is_change_failure,
    case when failed.deployment_id is not null then 'F1 caused ' || failed.reference when undone.deployment_id is not null then 'F2 was rolled back' end as failure_reason,
    coalesce(failed.is_guess, false) and undone.deployment_id is null as is_guess,
    shipped.kind = 'rollback' or fixes.deployment_id is not null as is_rework,
    case when shipped.kind = 'rollback' then 'W rollback' when fixes.deployment_id is not null then 'W fix' end as rework_reason,
    case when failed.deployment_id is not null then case when failed.unrestored = 0 then failed.restored_at end else undone.finished_at end as recovered_at,
    date_diff('second', shipped.finished_at, case when failed.deployment_id is not null then case when failed.unrestored = 0 then failed.restored_at end else undone.finished_at end) as recovery_seconds,
    'b-20261125-0830' as build_id
from shipped
join lives using (repository)
join dim_services using (service)
left join failed using (deployment_id)
left join fixes using (deployment_id)
left join shipped as undone on shipped.deployment_id = undone.previous_deployment_id and undone.kind = 'rollback' and shipped.kind = 'forward';

create table fct_changes as
select
    deployments.repository || '#' || (substr(deployments.deployment_id, 13)::bigint * 3 + n) as change_id,
    'pull_request' as kind,
    deployments.repository,
    deployments.service,
    deployments.team,
    substr(deployments.deployment_id, 13)::bigint * 3 + n as pull_request,
    deployments.sha,
    deployments.sha as merge_sha,
    'Change ' || n || ' of ' || deployments.deployment_id as title,
    'https://github.com/' || deployments.repository || '/pull/' || (substr(deployments.deployment_id, 13)::bigint * 3 + n) as url,
    uniform(deployments.deployment_id || n, 'bot') < 0.1 as is_bot,
    deployments.finished_at - to_seconds(lead) as first_commit_at,
    deployments.finished_at - to_seconds(lead * 2 // 3) as opened_at,
    deployments.finished_at - to_seconds(lead // 2) as first_review_at,
    deployments.finished_at - to_seconds(lead // 5) as merged_at,
    deployments.finished_at as deployed_at,
    deployments.deployment_id,
    lead as lead_time_seconds,
    lead - lead * 2 // 3 as coding_seconds,
    lead * 2 // 3 - lead // 5 as review_seconds,
    lead // 5 as deploy_seconds,
    uniform(deployments.deployment_id || n, 'unknown') > 0.01 as is_counted,
    case when uniform(deployments.deployment_id || n, 'unknown') <= 0.01 then 'C6 after a deployment of an unknown commit' end as exclusion_reason,
    'b-20261125-0830' as build_id
from fct_deployments as deployments
cross join lateral generate_series(1, deployments.changes_shipped) as g (n)
cross join lateral (
    select cast(floor(3600 * exp(
        case deployments.repository when 'acme/api' then 2.7 when 'acme/checkout' then 3.5 when 'acme/search' then 4.4 else 5.6 end
        - date_diff('day', timestamptz '2025-05-26', deployments.finished_at) / 900.0
        + 1.1 * sqrt(-2 * ln(uniform(deployments.deployment_id || n, 'u') + 0.0001)) * cos(2 * pi() * uniform(deployments.deployment_id || n, 'v'))
    )) as bigint) as lead
) as l
where deployments.is_counted;

insert into fct_measures
with measures as (
    select 'deployments' as metric, 'deployment' as object_type, deployment_id as object_id, finished_at as "at", service, team, repository,
        cast(1 as bigint) as value, cast(null as bigint) as numerator, cast(null as bigint) as denominator, 'D1' as rule
    from fct_deployments where is_counted
    union all
    select 'change_failure_rate', 'deployment', deployment_id, finished_at, service, team, repository, null, is_change_failure::bigint, 1, 'F3'
    from fct_deployments where is_counted
    union all
    select 'change_failure_rate_evidence', 'deployment', deployment_id, finished_at, service, team, repository, null, (is_change_failure and not is_guess)::bigint, 1, 'F4'
    from fct_deployments where is_counted
    union all
    select 'rework_rate', 'deployment', deployment_id, finished_at, service, team, repository, null, is_rework::bigint, 1, 'W'
    from fct_deployments where is_counted
    union all
    select 'failed_deployment_recovery_median_seconds', 'deployment', deployment_id, finished_at, service, team, repository, recovery_seconds, null, null, 'R1'
    from fct_deployments where is_counted and is_change_failure and recovery_seconds is not null
    union all
    select 'lead_time_median_seconds', 'change', change_id, deployed_at, service, team, repository, lead_time_seconds, null, null, 'C4'
    from fct_changes where is_counted
)
select metric, object_type, object_id, "at", cast(timezone('Asia/Tokyo', "at") as date), service, team, repository, null, null, value, numerator, denominator, rule,
    count(*) over (partition by metric, object_id) = 1,
    row_number() over (partition by metric, object_id order by "at", service) = 1,
    "at" = min("at") over (partition by metric, service, team, repository),
    'b-20261125-0830'
from measures;

alter table fct_deployments drop is_guess;
insert into data_quality values ('unknown_commit', 'warn', 'deployment', 'deployments:71007', 'acme/api: the deployed commit 0123456 is not in the repository any more', 'acme/apiのデプロイされたコミット0123456はもう見つかりません', 'b-20261125-0830');
update publication set freshness = replace(freshness, '[{', '[{"source":"github","stream":"commits","status":"ok","observed_at":"2026-11-25T08:30:00Z","last_ok_at":"2026-11-25T08:30:00Z"},
      {"source":"github","stream":"deployments","status":"ok","observed_at":"2026-11-25T08:30:00Z","last_ok_at":"2026-11-25T08:30:00Z"},
      {"source":"github","stream":"pull_requests","status":"ok","observed_at":"2026-11-25T08:30:00Z","last_ok_at":"2026-11-25T08:30:00Z"},
      {"source":"github","stream":"repositories","status":"ok","observed_at":"2026-11-25T08:30:00Z","last_ok_at":"2026-11-25T08:30:00Z"},
      {');
drop table shipped;
drop table lives;
