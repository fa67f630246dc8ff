-- What was decided after incidents, and which of them have no cause: to the contract of the marts, like the rest.
create table fct_follow_ups as
with decided as (
    select
        *,
        row_number() over (order by started_at, incident_id) as i
    from fct_incidents
    where is_counted and restored_at is not null
)
select
    'fu-' || lpad(cast(i as varchar), 4, '0') as follow_up_id,
    incident_id,
    reference as incident_reference,
    severity,
    case cast(i as bigint) % 4
        when 0 then 'Alert on the queue''s age | before it is full'
        when 1 then '再発防止: タイムアウトを見直す'
        when 2 then 'Write a runbook for <failover> & restore'
        else 'Remove the retry that hid it'
    end as title,
    case when i % 5 = 0 then 'outstanding' else 'completed' end as status,
    case cast(i as bigint) % 3 when 0 then 'Urgent' when 1 then 'Normal' end as priority,
    cast(null as varchar) as category,
    case when i % 2 = 0 then 'user-' || cast(i % 7 as varchar) end as assignee,
    cast(null as varchar) as assignee_team,
    case when i % 2 = 0 then 'payments' else 'platform' end as team,
    case when i % 3 = 0 then 'https://issues.example.com/OPS-' || cast(i as varchar) end as external_issue_url,
    restored_at + to_seconds(86400) as created_at,
    case when i % 4 <> 1 then restored_at + to_seconds(15 * 86400) end as due_at,
    case when i % 5 <> 0 then restored_at + to_seconds(10 * 86400) end as completed_at,
    date_diff('second', restored_at + to_seconds(86400), timestamptz '2026-11-25 08:30:00+00') as age_seconds,
    case when i % 5 <> 0 then cast(9 * 86400 as bigint) end as completion_seconds,
    i % 5 = 0 as is_open,
    coalesce(i % 5 = 0 and i % 4 <> 1 and restored_at + to_seconds(15 * 86400) < timestamptz '2026-11-25 08:30:00+00', false) as is_overdue,
    false as is_late,
    false as is_drill,
    'b-20261125-0830' as build_id
from decided
where i % 3 = 0 and restored_at < timestamptz '2026-11-23 00:00:00+00';

create table rpt_follow_up_reminders as
select
    row_number() over (order by is_overdue desc, due_at asc nulls last, age_seconds desc, follow_up_id asc) as position,
    follow_up_id,
    incident_id,
    incident_reference,
    severity,
    title,
    priority,
    assignee,
    team,
    external_issue_url,
    created_at,
    due_at,
    age_seconds,
    is_overdue,
    case when is_overdue then date_diff('second', due_at, timestamptz '2026-11-25 08:30:00+00') end as overdue_seconds,
    'b-20261125-0830' as build_id
from fct_follow_ups
where is_open and not is_drill;

create table fct_unlinked_incidents as
select
    incident_id,
    reference,
    started_at,
    'api' as services,
    'L4 nothing names its cause, and no counted deployment finished before it started' as reason,
    'L4 原因を示す情報がなく、開始より前に完了した集計対象のデプロイもありません' as reason_ja,
    cast(null as varchar) as nearest_deployment_id,
    cast(null as bigint) as nearest_seconds,
    'Name the deployment in the field.' as what_would_link,
    'フィールドでデプロイを指定してください。' as what_would_link_ja,
    cast(null as varchar) as decided_by,
    cast(null as varchar) as decision_reason,
    'b-20261125-0830' as build_id
from fct_incidents
where is_counted and incident_id not in (select incident_id from fct_incident_deployments where role = 'cause');

-- Custom fields: one of several values, one of one, and one that people write what they like in.
create table fct_incident_fields as
select
    incident_id,
    field,
    value,
    field_type,
    'b-20261125-0830' as build_id
from (
    select incident_id, 'Product' as field, ['API', 'Checkout', '検索'][1 + cast(floor(3 * uniform(incident_id, 'product')) as bigint)] as value, 'multi_select' as field_type
    from fct_incidents
    where uniform(incident_id, 'has product') < 0.8
    union
    select incident_id, 'Product', ['API', 'Checkout', '検索'][1 + cast(floor(3 * uniform(incident_id, 'product 2')) as bigint)], 'multi_select'
    from fct_incidents
    where uniform(incident_id, 'has product') < 0.15
    union
    select incident_id, 'Found by', case when uniform(incident_id, 'found') < 0.6 then 'Alert' when uniform(incident_id, 'found') < 0.9 then 'Customer' else 'O''Brien & co: "us"' end, 'single_select'
    from fct_incidents
    where uniform(incident_id, 'has found') < 0.5
    union
    select incident_id, 'Ticket', 'OPS-' || substr(incident_id, 4), 'text'
    from fct_incidents
    where uniform(incident_id, 'has ticket') < 0.1
);

create table fct_drills as
select
    incident_id,
    reference,
    name,
    mode,
    severity,
    status,
    started_at,
    acknowledged_at as accepted_at,
    acknowledge_basis as accepted_basis,
    closed_at,
    case when closed_at is not null then 'Closed at' end as closed_basis,
    time_to_acknowledge_seconds as time_to_accept_seconds,
    date_diff('second', started_at, closed_at) as time_to_close_seconds,
    'b-20261125-0830' as build_id
from fct_incidents
where mode in ('test', 'tutorial') and status_category not in ('declined', 'merged', 'triage');

create table fct_postmortems as
select
    'pm-' || incident_id as postmortem_id,
    incident_id,
    'Post-mortem of ' || reference as title,
    'in_app' as document_type,
    case when uniform(incident_id, 'finished') < 0.7 then 'completed' else 'in_review' end as status,
    'https://app.incident.io/demo/post-mortems/' || incident_id as url,
    begun_at as created_at,
    begun_at as updated_at,
    date_diff('second', restored_at, begun_at) as seconds_after_restoration,
    'b-20261125-0830' as build_id
from (
    select *, restored_at + to_seconds(cast(3600 + floor(9 * 86400 * pow(uniform(incident_id, 'begun'), 2)) as bigint)) as begun_at
    from fct_incidents
    where is_counted and restored_at < timestamptz '2026-11-10 00:00:00+00' and uniform(incident_id, 'postmortem') < 0.1 + 0.2 * coalesce(severity_rank, 0)
);

update fct_incidents set lead = 'user-' || cast(1 + floor(7 * pow(uniform(incident_id, 'lead'), 2)) as bigint) where uniform(incident_id, 'has lead') < 0.9;
