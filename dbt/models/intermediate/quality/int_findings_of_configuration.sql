-- Names of fields and severities in the configuration that mean nothing at the source; a year of levels that there is
-- not.
with

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
        {{ said('detail', {
            'en': 'no custom field is named "{config.field}"; it names no service',
            'ja': '「{config.field}」という名前のカスタムフィールドがないため、サービスの判定に使われません',
        }) }}
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
        {{ said('detail', {
            'en': 'no severity is named "{settings.value}"; incidents of every severity count',
            'ja': '「{settings.value}」という名前の重大度がないため、すべての重大度のインシデントが集計対象です',
        }) }}
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
        {{ said('detail', {
            'en': 'no custom field is named "{settings.value}"; it names no cause',
            'ja': '「{settings.value}」という名前のカスタムフィールドがないため、原因の判定に使われません',
        }) }}
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
        {{ said('detail', {
            'en': 'the report of {settings.value} has no levels here; no level is given',
            'ja': '{settings.value}年のレポートのレベルの基準がないため、レベルは付きません',
        }) }}
    from {{ ref('config_settings') }} as settings
    left join {{ ref('levels') }} as levels
        on settings.value = cast(levels.year as string)
    where settings.name = 'levels' and levels.year is null
),

final as (
    select * from field_names
    union all
    select * from severity_name
    union all
    select * from cause_field
    union all
    select * from level_year
)

select * from final
