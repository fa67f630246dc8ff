-- What was set aside and has not landed since: a rejection is settled by any later version of the same object. What was
-- set aside of files goes by its place, and their source says itself when it is settled.
{%- set ledgers = {
    'incidentio': [
        'incidents', 'severities', 'incident_statuses', 'incident_types', 'incident_timestamps', 'incident_roles',
        'custom_fields', 'custom_field_options', 'incident_updates', 'follow_ups', 'incident_attachments', 'users',
        'postmortem_documents',
    ],
    'github': [
        'repositories', 'deployments', 'pull_requests', 'tags', 'commits', 'releases', 'workflow_runs',
    ],
} %}

with

rejected as (
    select
        rejection_id,
        table_name,
        object_id,
        column_name,
        reason,
        is_landed,
        observed_at
    from {{ ref('stg_fourfold__rejected') }}
),

landed as (
    {%- for source_name, streams in ledgers.items() %}
    {%- set last_source = loop.last %}
    {%- for stream in streams %}
    {%- set table = source_name ~ '_' ~ stream %}
    select
        '{{ table }}' as table_name,
        ledger.id as object_id,
        max(ledger._observed_at) as observed_at
    from {{ source(source_name, table) }} as ledger
    inner join rejected
        on rejected.table_name = '{{ table }}' and ledger.id = rejected.object_id
    where ledger._observed_at <= {{ as_of() }}
    group by ledger.id
    {{ 'union all' if not (last_source and loop.last) }}
    {%- endfor %}
    {%- endfor %}
),

final as (
    select
        rejected.rejection_id,
        rejected.table_name,
        rejected.object_id,
        rejected.column_name,
        rejected.reason,
        rejected.is_landed
    from rejected
    left join landed
        on
            rejected.table_name = landed.table_name
            and rejected.object_id = landed.object_id
            and rejected.observed_at < landed.observed_at
    where landed.object_id is null
)

select * from final
