-- A published build with about 300 incidents over 18 months, plausible to the contract of the marts and the same every
-- time. $dir holds the seeds of the dbt project. The zone is Asia/Tokyo.
create table publication as
select
    'b-20261125-0830' as build_id,
    timestamptz '2026-11-25 08:31:07+00' as built_at,
    timestamptz '2026-11-25 08:30:00+00' as as_of,
    date '2026-11-25' as as_of_date,
    'Asia/Tokyo' as timezone,
    'monday' as week_start,
    '0.1.0' as program_version,
    '1.11.2' as dbt_version,
    'c0ffee' as config_hash,
    '[{"source":"incidentio","stream":"follow_ups","status":"ok","observed_at":"2026-11-25T08:30:00Z","last_ok_at":"2026-11-25T08:30:00Z"},
      {"source":"incidentio","stream":"incident_updates","status":"failed","observed_at":"2026-11-25T08:30:00Z","last_ok_at":"2026-11-24T20:15:00Z"},
      {"source":"incidentio","stream":"incidents","status":"ok","observed_at":"2026-11-25T08:30:00Z","last_ok_at":"2026-11-25T08:30:00Z"},
      {"source":"incidentio","stream":"users","status":"skipped","observed_at":"2026-11-25T08:30:00Z","last_ok_at":null}]' as freshness;

create table dim_metrics as
select
    metrics.*,
    cast(levels.year as bigint) as level_year,
    levels.comparison as level_comparison,
    cast(levels.elite as double) as level_elite,
    cast(levels.high as double) as level_high,
    cast(levels.medium as double) as level_medium,
    'b-20261125-0830' as build_id
from read_csv('$dir/metrics.csv', header = true) as metrics
left join read_csv('$dir/levels.csv', header = true) as levels on metrics.metric = levels.metric and levels.year = 2023;
create table dim_limits as
select *, 'b-20261125-0830' as build_id from read_csv('$dir/stats_limits.csv', header = true);

create table dim_severities as
select 'sev-' || severity_rank as severity_id, severity, '' as description, cast(severity_rank as bigint) as severity_rank, 'b-20261125-0830' as build_id
from (values ('Critical', 4), ('Major', 3), ('Minor', 2), ('Trivial', 1)) as s (severity, severity_rank);

create table dim_services as
select service, team, 'b-20261125-0830' as build_id
from (values ('api', 'platform'), ('checkout', 'payments'), ('search', 'discovery'), ('worker', 'platform'), ('決済基盤', 'payments')) as s (service, team);

-- Uniform numbers in [0, 1) from a key; md5 is the same in every version.
create macro uniform(key, salt) as
    cast(('0x' || substr(md5(key || '/' || salt), 1, 8)) as bigint) / 4294967296.0;

create table drawn as
with spread as (
    select
        i,
        -- more of them lately, fewer at weekends
        timestamptz '2025-05-26 00:00:00+00' + to_seconds(cast(floor(pow(i / 312.0, 0.92) * 548 * 86400 + uniform(i::varchar, 'at') * 50000) as bigint)) as started_at,
        uniform(i::varchar, 'severity') as s,
        uniform(i::varchar, 'length') as u,
        uniform(i::varchar, 'length2') as v
    from generate_series(1, 312) as g (i)
)
select
    i,
    'INC-' || (i + 100) as reference,
    started_at,
    case when s < 0.06 then 'Critical' when s < 0.28 then 'Major' when s < 0.72 then 'Minor' when s < 0.97 then 'Trivial' end as severity,
    case when s < 0.06 then 4 when s < 0.28 then 3 when s < 0.72 then 2 when s < 0.97 then 1 end as severity_rank,
    -- log-normal by Box and Muller; severe ones are handled faster in the middle and have a longer tail
    cast(floor(60 * exp(
        case when s < 0.06 then 4.4 when s < 0.28 then 4.2 when s < 0.72 then 4.7 else 5.3 end
        - i / 700.0
        + case when s < 0.06 then 1.1 else 1.25 end * sqrt(-2 * ln(u + 0.0001)) * cos(2 * pi() * v)
    )) as bigint) as restore_seconds,
    cast(floor(60 + 900 * pow(uniform(i::varchar, 'ack'), 2.2)) as bigint) as ack_seconds,
    uniform(i::varchar, 'what') as w,
    uniform(i::varchar, 'mode') as m
from spread
where started_at < timestamptz '2026-11-25 08:30:00+00';

create table named as
select
    *,
    case
        when i = 309 then '<script>alert(1)</script> "quoted" & <b>bold</b>'
        when i = 307 then repeat('verylongnamewithoutanyspace', 8)
        when i = 305 then '🔥🧯 决済 ‮retupmoc‬ مرحبا بالعالم'
        when i = 304 then '=HYPERLINK("http://evil.example","x")'
        when w < 0.14 then 'Checkout answers slowly'
        when w < 0.28 then '決済APIのタイムアウト'
        when w < 0.42 then 'Search results are stale'
        when w < 0.55 then 'Job queue is growing'
        when w < 0.68 then 'ログインできない利用者がいる'
        when w < 0.80 then 'Elevated 5xx from the public API'
        when w < 0.90 then '夜間バッチの遅延'
        else 'Database failover took too long'
    end as name,
    case when m < 0.03 then 'test' when m < 0.05 then 'tutorial' else 'standard' end as mode,
    case when m between 0.05 and 0.08 then 'declined' when m between 0.08 and 0.10 then 'merged' when i in (311, 310) then 'live' else 'closed' end as status_category
from drawn;

create table fct_incidents as
select
    'inc' || printf('%05d', i) as incident_id,
    reference,
    name,
    'https://app.incident.io/demo/incidents/' || (i + 100) as permalink,
    mode,
    'public' as visibility,
    severity,
    cast(severity_rank as bigint) as severity_rank,
    case
        when severity = 'Critical' and uniform(i::varchar, 'declared') < 0.4 then 'Major'
        when severity = 'Major' and uniform(i::varchar, 'declared') < 0.2 then 'Minor'
        when severity = 'Minor' and uniform(i::varchar, 'declared') < 0.1 then 'Trivial'
        when severity = 'Minor' and uniform(i::varchar, 'declared') < 0.15 then 'Major'
        else severity
    end as declared_severity,
    case when w < 0.1 then 'Security' else 'Default' end as incident_type,
    case status_category when 'live' then 'Investigating' when 'declined' then 'Declined' when 'merged' then 'Merged' else 'Closed' end as status,
    status_category,
    cast(null as varchar) as lead,
    started_at + to_seconds(240) as created_at,
    started_at,
    started_at + to_seconds(240) as reported_at,
    started_at as impact_started_at,
    case when m < 0.9 then started_at + to_seconds(ack_seconds) end as acknowledged_at,
    case when status_category = 'closed' and i not in (300, 288) then started_at + to_seconds(restore_seconds) end as restored_at,
    case when status_category = 'closed' then started_at + to_seconds(restore_seconds + 3600) end as closed_at,
    cast(case when i % 41 = 0 then 1 else 0 end as bigint) as reopened_count,
    case when m < 0.9 then ack_seconds end as time_to_acknowledge_seconds,
    case when status_category = 'closed' and i not in (300, 288) then restore_seconds end as time_to_restore_seconds,
    case when w < 0.6 then 'Impact started' else 'created_at' end as restore_start_basis,
    case when status_category <> 'closed' or i in (300, 288) then null when i % 41 = 0 then 'left_live after reopening' when w < 0.7 then 'Fixed at' else 'left_live' end as restore_end_basis,
    case when m >= 0.9 then null when w < 0.5 then 'Accepted at' else 'entered_live' end as acknowledge_basis,
    mode = 'standard' and status_category in ('live', 'closed') as is_counted,
    case
        when mode <> 'standard' then 'I1 mode ' || mode
        when status_category in ('declined', 'merged') then 'I2 status category ' || status_category
    end as exclusion_reason,
    'b-20261125-0830' as build_id
from named;
delete from fct_incidents where restored_at > timestamptz '2026-11-25 08:30:00+00';

create table fct_incident_services as
with picked as (
    select incident_id, ['api', 'checkout', 'search', 'worker', '決済基盤'][1 + cast(floor(5 * uniform(incident_id, 'service')) as bigint)] as service
    from fct_incidents
    where uniform(incident_id, 'any') < 0.93
    union
    select incident_id, ['api', 'checkout', 'search', 'worker', '決済基盤'][1 + cast(floor(5 * uniform(incident_id, 'second')) as bigint)] as service
    from fct_incidents
    where uniform(incident_id, 'any') < 0.22
)
select picked.incident_id, picked.service, dim_services.team, 'b-20261125-0830' as build_id
from picked
join dim_services using (service);

create table fct_incident_timestamps as
select incident_id, md5(name) as timestamp_id, name, "at", 'b-20261125-0830' as build_id
from (
    select incident_id, 'Impact started' as name, impact_started_at as "at" from fct_incidents
    union all
    select incident_id, 'Reported at', reported_at from fct_incidents
    union all
    select incident_id, 'Accepted at', acknowledged_at from fct_incidents
    union all
    select incident_id, 'Fixed at', restored_at from fct_incidents
    union all
    select incident_id, 'Closed at', closed_at from fct_incidents
)
where "at" is not null;

create table fct_incident_status_intervals as
select
    incident_id,
    row_number() over (partition by incident_id order by started_at, coalesce(ended_at, timestamptz '2026-11-25 08:30:00+00'), status) as position,
    status,
    status_category,
    started_at,
    ended_at,
    date_diff('second', started_at, ended_at) as seconds,
    'b-20261125-0830' as build_id
from (
    select incident_id, 'Triage' as status, 'triage' as status_category, created_at as started_at, coalesce(acknowledged_at, created_at + to_seconds(60)) as ended_at from fct_incidents
    union all
    select incident_id, 'Investigating', 'live', coalesce(acknowledged_at, created_at + to_seconds(60)), restored_at from fct_incidents
    union all
    select incident_id, 'Closed', 'closed', restored_at, null from fct_incidents where restored_at is not null
);

create table fct_measures as
with measures as (
    select 'incidents' as metric, incident_id, started_at as "at", severity, incident_type, cast(1 as bigint) as value, 'I7' as rule from fct_incidents where is_counted
    union all
    select 'time_to_restore_median_seconds', incident_id, restored_at, severity, incident_type, time_to_restore_seconds, 'R3' from fct_incidents where is_counted and time_to_restore_seconds is not null
    union all
    select 'time_to_acknowledge_median_seconds', incident_id, started_at, severity, incident_type, time_to_acknowledge_seconds, 'I4' from fct_incidents where is_counted and time_to_acknowledge_seconds is not null
)
select
    measures.metric,
    'incident' as object_type,
    measures.incident_id as object_id,
    measures.at,
    cast(timezone('Asia/Tokyo', measures.at) as date) as local_date,
    services.service,
    services.team,
    cast(null as varchar) as repository,
    measures.severity,
    measures.incident_type,
    measures.value,
    cast(null as bigint) as numerator,
    cast(null as bigint) as denominator,
    measures.rule,
    count(*) over (partition by measures.metric, measures.incident_id) = 1 as is_lone,
    row_number() over (
        partition by measures.metric, measures.incident_id
        order by services.service
    ) = 1 as is_earliest,
    measures.at = min(measures.at) over (
        partition by measures.metric, services.service, services.team, measures.severity, measures.incident_type
    ) as is_group_first,
    'b-20261125-0830' as build_id
from measures
left join fct_incident_services as services using (incident_id);

create table data_quality as
select * from (values
    ('no_service', 'info', 'incident', 'inc00007', 'INC-107 names no configured service', 'INC-107は設定済みのサービスに該当しません', 'b-20261125-0830'),
    ('no_service', 'info', 'incident', 'inc00021', 'INC-121 names no configured service', 'INC-121は設定済みのサービスに該当しません', 'b-20261125-0830'),
    ('missing_end', 'warn', 'incident', 'inc00288', 'INC-388 is closed and has none of the timestamps that end it', 'INC-388はステータス区分がclosedで、終了を示すタイムスタンプがありません', 'b-20261125-0830'),
    ('missing_end', 'warn', 'incident', 'inc00300', 'INC-400 is closed and has none of the timestamps that end it', 'INC-400はステータス区分がclosedで、終了を示すタイムスタンプがありません', 'b-20261125-0830'),
    ('rejected', 'error', 'incidentio_incidents', '01JX', 'set aside, in no number: created_at is missing', '除外され、どの数値にも入っていません：created_at is missing', 'b-20261125-0830')
) as q (rule, severity, object_type, object_id, detail, detail_ja, build_id);
drop table drawn;
drop table named;
