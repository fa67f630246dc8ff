-- L3: the latest counted deployment of an affected service that finished at or before the start, within the window. An
-- incident that names no service is matched with any only if there is one service, or if so configured.
{%- set seconds = seconds_between('nearest.finished_at', 'nearest.started_at') %}

with

settings as (
    select
        coalesce(max(case when name = 'failure_window' then lower(value) end), '86400') as failure_window,
        max(case when name = 'failure_window_seconds' then cast(nullif(value, '') as int64) end) * 1000000 as micros,
        max(case when name = 'unattributed' then lower(value) end) as unattributed
    from {{ ref('config_settings') }}
),

lone_service as (
    select count(*) = 1 as is_lone from {{ source('ship', 'ship_services') }}
),

final as (
    select
        nearest.incident_id,
        nearest.deployment_id,
        nearest.source_id,
        nearest.created_at,
        nearest.finished_at,
        {{ said('evidence', {
            'en': 'it finished {' ~ seconds ~ ':number} seconds before the start, as the latest counted deployment of '
                '{nearest.service}',
            'ja': '開始の{' ~ seconds ~ ':number}秒前に完了した、{nearest.service}の直前の集計対象デプロイです',
        }) }}
    from {{ ref('int_deployments_nearest') }} as nearest
    cross join settings
    cross join lone_service
    where
        settings.failure_window <> 'off'
        and (settings.failure_window = 'unlimited' or nearest.micros <= settings.micros)
        and (not nearest.names_no_service or lone_service.is_lone or settings.unattributed = 'any')
)

select * from final
