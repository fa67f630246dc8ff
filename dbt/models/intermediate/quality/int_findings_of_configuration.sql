-- Names in the configuration that mean nothing at the source, or mean something under another name by now; a year of
-- levels that there is not.
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
        and (purpose in ('restore_start', 'restore_end', 'acknowledge') or purpose like 'duration%')
        -- What files have has names of its own.
        and exists (
            select 1
            from {{ ref('int_streams_freshness') }} as streams
            where streams.source = 'incidentio'
        )
),

known_fields as (
    select lower(name) as field from {{ ref('stg_incidentio__custom_fields') }}
    union distinct
    select lower(field) as field from {{ ref('int_incident_fields_unnested') }}
),

field_names as (
    select
        'unknown_field' as rule,
        'warn' as severity,
        'configuration' as object_type,
        config.field as object_id,
        'no custom field is named "' || config.field || '"; it names no service' as detail
    from {{ ref('config_incident_values') }} as config
    left join {{ ref('int_custom_field_names_meant') }} as meant
        on lower(config.field) = meant.configured_name
    left join known_fields on meant.name = known_fields.field
    group by config.field
    having max(known_fields.field) is null
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

cause_field as (
    select
        'unknown_field' as rule,
        'warn' as severity,
        'configuration' as object_type,
        settings.value as object_id,
        'no custom field is named "' || settings.value || '"; it names no cause' as detail
    from {{ ref('config_settings') }} as settings
    left join {{ ref('int_custom_field_names_meant') }} as meant
        on lower(settings.value) = meant.configured_name
    left join known_fields on meant.name = known_fields.field
    where settings.name = 'cause_field' and nullif(settings.value, '') is not null
    group by settings.value
    having max(known_fields.field) is null
),

level_year as (
    select
        'unknown_level_year' as rule,
        'warn' as severity,
        'configuration' as object_type,
        'levels' as object_id,
        'the report of ' || settings.value || ' has no levels here; no level is given' as detail
    from {{ ref('config_settings') }} as settings
    left join {{ ref('levels') }} as levels
        on settings.value = cast(levels.year as string)
    where settings.name = 'levels' and levels.year is null
),

final as (
    select * from timestamp_names
    union all
    select * from field_names
    union all
    select * from severity_name
    union all
    select * from cause_field
    union all
    select * from level_year
)

select * from final
