-- What each counted deployment gives each measure, in each service: its count, whether it failed, whether it was
-- rework, how long it took to recover. All fall in the period of its finish.
with

counted as (
    select
        deployments.deployment_id,
        deployments.service,
        deployments.team,
        deployments.repository,
        deployments.finished_at,
        deployments.is_change_failure,
        deployments.is_rework,
        deployments.recovery_seconds,
        coalesce(failures.is_evident, false) as is_evident,
        failures.recovery_rule
    from {{ ref('fct_deployments') }} as deployments
    left join {{ ref('int_deployment_failures') }} as failures
        on
            deployments.deployment_id = failures.deployment_id
            and deployments.service = failures.service
    where deployments.is_counted
),

{%- set rates = {
    'change_failure_rate': ('is_change_failure', 'F3'),
    'change_failure_rate_evidence': ('is_evident', 'F3'),
    'rework_rate': ('is_rework', 'W'),
} %}

final as (
    select
        'deployments' as measure,
        deployment_id,
        service,
        team,
        repository,
        finished_at as measured_at,
        cast(1 as int64) as value,
        cast(null as int64) as numerator,
        cast(null as int64) as denominator,
        'D1' as rule
    from counted
    {%- for measure, (flag, rule) in rates.items() %}
    union all
    select
        '{{ measure }}' as measure,
        deployment_id,
        service,
        team,
        repository,
        finished_at as measured_at,
        cast(null as int64) as value,
        cast(case when {{ flag }} then 1 else 0 end as int64) as numerator,
        cast(1 as int64) as denominator,
        '{{ rule }}' as rule
    from counted
    {%- endfor %}
    union all
    select
        'failed_deployment_recovery_median_seconds' as measure,
        deployment_id,
        service,
        team,
        repository,
        finished_at as measured_at,
        recovery_seconds as value,
        cast(null as int64) as numerator,
        cast(null as int64) as denominator,
        recovery_rule as rule
    from counted
    where is_change_failure and recovery_seconds is not null
)

select * from final
