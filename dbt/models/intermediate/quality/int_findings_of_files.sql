-- Findings about rows of files: services that nobody configured, and incidents that incident.io has, too.
with

named as (
    {{ json_items(ref('int_incidents_of_files'), ['incident_id'], 'services_json') }}
),

affected as (
    select
        'incident' as object_type,
        incidents.incident_id as object_id,
        coalesce(incidents.reference, incidents.incident_id) as shown,
        {{ item_text('named.item') }} as service
    from named
    inner join {{ ref('int_incidents_joined') }} as incidents
        on named.incident_id = incidents.incident_id
    union all
    select
        'deployment' as object_type,
        'files:' || source_id as object_id,
        source_id as shown,
        service
    from {{ ref('stg_files__deployments') }}
),

final as (
    select distinct
        'unknown_service' as rule,
        'warn' as severity,
        affected.object_type,
        affected.object_id,
        {{ said('detail', {
            'en': '{affected.shown} is of the service "{affected.service}", which is not configured; it is in no '
                'breakdown of it',
            'ja': '{affected.shown}のサービス「{affected.service}」は設定にないため、そのサービスの内訳に入りません',
        }) }}
    from affected
    left join {{ ref('config_services') }} as services
        on lower(affected.service) = lower(services.service)
    where services.service is null
    union distinct
    select
        'incident_in_two_sources' as rule,
        'warn' as severity,
        'incident' as object_type,
        files.incident_id as object_id,
        {{ said('detail', {
            'en': 'its row at {files.file}:{files.line:number} is passed over: incident.io has an incident of that id',
            'ja': '{files.file}:{files.line:number}の行は使われません。同じIDのインシデントがincident.ioにあります',
        }) }}
    from {{ ref('stg_files__incidents') }} as files
    inner join {{ ref('int_incidents_joined') }} as incidents
        on files.incident_id = incidents.incident_id
    left join {{ ref('int_incidents_of_files') }} as taken
        on files.incident_id = taken.incident_id
    where taken.incident_id is null
)

select * from final
