-- What each counted object gives each measure, in each service that it is in.
with

incidents as (
    select
        'incident' as object_type,
        measures.measure,
        measures.incident_id as object_id,
        measures.measured_at,
        services.service,
        services.team,
        cast(null as string) as repository,
        measures.value,
        cast(null as int64) as numerator,
        cast(null as int64) as denominator,
        measures.rule,
        measures.severity,
        measures.incident_type
    from {{ ref('int_incident_measures') }} as measures
    left join {{ ref('int_incident_services_matched') }} as services on measures.incident_id = services.incident_id
),

deployments as (
    select
        'deployment' as object_type,
        measure,
        deployment_id as object_id,
        measured_at,
        service,
        team,
        repository,
        value,
        numerator,
        denominator,
        rule
    from {{ ref('int_deployment_measures') }}
),

changes as (
    select
        'change' as object_type,
        'lead_time_median_seconds' as measure,
        change_id as object_id,
        deployed_at as measured_at,
        service,
        team,
        repository,
        lead_time_seconds as value,
        cast(null as int64) as numerator,
        cast(null as int64) as denominator,
        'C4' as rule
    from {{ ref('fct_changes') }}
    where is_counted
),

commits as (
    select
        'commit' as object_type,
        'commit_lead_time_median_seconds' as measure,
        commits.repository || '@' || commits.sha as object_id,
        commits.deployed_at as measured_at,
        commits.service,
        services.team,
        commits.repository,
        commits.lead_time_seconds as value,
        cast(null as int64) as numerator,
        cast(null as int64) as denominator,
        'C1' as rule
    from {{ ref('fct_commits') }} as commits
    left join {{ source('ship', 'ship_services') }} as services on commits.service = services.service
    where commits.is_counted
),

delivered as (
    select * from deployments
    union all
    select * from changes
    union all
    select * from commits
),

final as (
    select * from incidents
    union all
    select
        delivered.*,
        cast(null as string) as severity,
        cast(null as string) as incident_type
    from delivered
)

select * from final
