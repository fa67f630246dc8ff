-- How much of the data carries what the numbers need: shares of counted incidents and of deployments to production, in
-- all and of the 90 days up to the build.
{%- set days = 90 %}

with

recent as (
    select {{ date_plus(local_date('as_of'), '-' ~ (days - 1), 'day') }} as from_date
    from {{ ref('build') }}
),

served as (
    select distinct incident_id from {{ ref('int_incident_services_matched') }}
),

caused as (
    select distinct incident_id
    from {{ ref('fct_incident_deployments') }}
    where role = 'cause'
),

incidents as (
    select
        {{ local_date('incidents.started_at') }} >= recent.from_date as is_recent,
        incidents.impact_started_at is not null as has_impact_start,
        incidents.acknowledged_at is not null as has_acknowledgement,
        served.incident_id is not null as has_service,
        caused.incident_id is not null as has_cause
    from {{ ref('fct_incidents') }} as incidents
    cross join recent
    left join served on incidents.incident_id = served.incident_id
    left join caused on incidents.incident_id = caused.incident_id
    where incidents.is_counted and incidents.started_at is not null
),

deployments as (
    select distinct
        deployments.deployment_id,
        {{ local_date('deployments.finished_at') }} >= recent.from_date as is_recent,
        deployments.is_known
    from {{ ref('int_deployments_judged') }} as deployments
    cross join recent
    where deployments.is_effective
),

{%- set things = {
    'incidents': {'en': 'counted incidents', 'ja': '集計対象のインシデント'},
    'deployments': {'en': 'deployments to production', 'ja': '本番環境へのデプロイ'},
} %}
{%- set shares = {
    'impact_start': ('incidents', 'has_impact_start', {
        'en': 'say when their impact started',
        'ja': 'に影響開始の時刻があります',
    }),
    'acknowledgement': ('incidents', 'has_acknowledgement', {
        'en': 'say when they were taken up',
        'ja': 'に確認の時刻があります',
    }),
    'service': ('incidents', 'has_service', {
        'en': 'name a service',
        'ja': 'に設定済みのサービスがあります',
    }),
    'cause': ('incidents', 'has_cause', {
        'en': 'are linked to the deployment that caused them',
        'ja': 'に原因のデプロイが関連付いています',
    }),
    'commit': ('deployments', 'is_known', {
        'en': 'have a commit that is known',
        'ja': 'のコミットが分かっています',
    }),
} %}

shares as (
    {%- for name, (relation, condition, words) in shares.items() %}
    select
        'coverage_{{ name }}' as rule,
        '{{ relation }}' as object_id,
        '{{ things[relation].en }}' as things,
        '{{ things[relation].ja }}' as things_ja,
        '{{ words.en }}' as words,
        '{{ words.ja }}' as words_ja,
        count(*) as n,
        sum(case when {{ condition }} then 1 else 0 end) as k,
        sum(case when is_recent then 1 else 0 end) as recent_n,
        sum(case when is_recent and {{ condition }} then 1 else 0 end) as recent_k
    from {{ relation }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

final as (
    select
        rule,
        'info' as severity,
        'coverage' as object_type,
        object_id,
        {{ said('detail', {
            'en': '{k:number} of {n:number} {things} {words}; of the last ' ~ days
                ~ ' days {recent_k:number} of {recent_n:number}',
            'ja': '{things_ja}{n:number}件のうち{k:number}件{words_ja}。直近' ~ days
                ~ '日では{recent_n:number}件のうち{recent_k:number}件です',
        }) }}
    from shares
    where n > 0
)

select * from final
