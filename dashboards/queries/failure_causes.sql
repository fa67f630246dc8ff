-- The change failure rate by period, split by how the failure is known: each deployment once, as the metric template keeps
-- it. A failure that evidence does not carry is inferred by time alone (L3).
with

measured as (
    select
        m.metric,
        m.object_id,
        m.local_date,
        m.numerator,
        row_number() over (
            partition by m.metric, m.object_id
            order by m.at, coalesce(m.service, '')
        ) as place
    from {marts}fct_measures as m
    where
        m.metric in ('change_failure_rate', 'change_failure_rate_evidence')
        and {parts/delivery_filter}
),

judged as (
    select
        object_id,
        max(local_date) as local_date,
        max(case when metric = 'change_failure_rate' then numerator end) as failed,
        max(case when metric = 'change_failure_rate_evidence' then numerator end) as proven
    from measured
    where place = 1
    group by object_id
),

reasons as (
    select
        deployment_id,
        min(failure_reason) as failure_reason
    from {marts}fct_deployments
    where is_change_failure
    group by deployment_id
),

guesses as (
    select
        deployment_id,
        min(case when method = 'proximity' then 1 else 0 end) as all_guessed
    from {marts}fct_incident_deployments
    where role = 'cause'
    group by deployment_id
),

known as (
    select
        {period_of judged.local_date} as period_start,
        {period_of publication.as_of_date} as open_start,
        case
            when judged.failed = 0 then 'none'
            when judged.proven = 0 then 'proximity'
            when reasons.failure_reason like 'F1%' and coalesce(guesses.all_guessed, 0) = 0 then 'linked'
            when reasons.failure_reason like 'F1%' or reasons.failure_reason like 'F2%' then 'rollback'
            else 'unknown'
        end as known_by
    from judged
    cross join {marts}publication as publication
    left join reasons on judged.object_id = reasons.deployment_id
    left join guesses on judged.object_id = guesses.deployment_id
    where judged.local_date between cast(@from_date as date) and cast(@as_of_date as date)
),

periods as (
    select
        period_start,
        period_start = max(open_start) as is_open,
        count(*) as deployments
    from known
    group by period_start
),

ways as (
    select 'linked' as known_by, 1 as known_by_class
    union all
    select 'rollback' as known_by, 2 as known_by_class
    union all
    select 'proximity' as known_by, 3 as known_by_class
    union all
    select 'unknown' as known_by, 4 as known_by_class
),

found as (
    select
        period_start,
        known_by,
        count(*) as failed
    from known
    group by period_start, known_by
)

select
    periods.period_start,
    ways.known_by_class,
    ways.known_by,
    coalesce(found.failed, 0) / periods.deployments as value,
    coalesce(found.failed, 0) as failed,
    periods.deployments as sample_size,
    periods.is_open
from periods
cross join ways
left join found
    on periods.period_start = found.period_start and ways.known_by = found.known_by
where ways.known_by <> 'unknown' or found.failed is not null
order by
    periods.period_start,
    ways.known_by_class
