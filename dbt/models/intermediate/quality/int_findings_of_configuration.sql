-- Names in the configuration that mean nothing at the source, or mean something under another name by now.
with

timestamp_names as (
    select
        case when timestamp_id is null then 'unknown_timestamp' else 'renamed_timestamp' end as rule,
        'warn' as severity,
        'configuration' as object_type,
        purpose as object_id,
        case
            when timestamp_id is null
                then 'no timestamp is or was named "' || configured_name || '"; it is ignored'
            when present_name is null
                then 'the timestamp "' || configured_name || '" is no longer defined; incidents that have it keep it'
            else 'the timestamp "' || configured_name || '" is now named "' || present_name || '"; it is still used'
        end as detail
    from {{ ref('int_timestamp_names_resolved') }}
    where
        (timestamp_id is null or is_renamed)
        and purpose in ('restore_start', 'restore_end', 'acknowledge')
),

known_fields as (
    select lower(name) as field from {{ ref('stg_incidentio__custom_fields') }}
    union distinct
    select lower(field) as field from {{ ref('int_incident_fields_unnested') }}
    union distinct
    select lower(embedded_field) as field from {{ ref('int_incident_fields_unnested') }}
),

field_names as (
    select distinct
        'unknown_field' as rule,
        'warn' as severity,
        'configuration' as object_type,
        config.field as object_id,
        'no custom field is named "' || config.field || '"; it names no service' as detail
    from {{ ref('config_incident_values') }} as config
    left join known_fields on lower(config.field) = known_fields.field
    where known_fields.field is null
),

severity_name as (
    select
        'unknown_severity' as rule,
        'warn' as severity,
        'configuration' as object_type,
        'severities_from' as object_id,
        'no severity is named "' || settings.value || '"; incidents of every severity count' as detail
    from {{ ref('config_settings') }} as settings
    left join {{ ref('stg_incidentio__severities') }} as severities
        on lower(settings.value) = lower(severities.name)
    where settings.name = 'severities_from' and settings.value is not null and severities.severity_id is null
),

final as (
    select * from timestamp_names
    union all
    select * from field_names
    union all
    select * from severity_name
)

select * from final
