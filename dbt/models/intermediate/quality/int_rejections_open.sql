-- What was set aside and has not landed since: an object's is settled by any later version of it; that of an object
-- which landed without something is of its present version, whichever came last (S1). What was set aside of files goes
-- by its place, and their source says itself when it is settled.
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
    where not is_landed or table_name like 'files%'
),

landed_without as (
    select
        id as rejection_id,
        table_name,
        object_id,
        column_name,
        reason,
        _observed_at as observed_at
    from {{ source('fourfold', 'rejected') }}
    where landed and not _deleted and _observed_at <= {{ as_of() }} and table_name not like 'files%'
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

present as (
    {%- for source_name, streams in ledgers.items() %}
    {%- set last_source = loop.last %}
    {%- for stream in streams %}
    {%- set table = source_name ~ '_' ~ stream %}
    select
        '{{ table }}' as table_name,
        id as object_id,
        _observed_at as observed_at
    from ({{ present("(
            select ledger.*
            from " ~ source(source_name, table) ~ " as ledger
            where ledger.id in (select object_id from landed_without where table_name = '" ~ table ~ "')
        )") }}) as versions
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
    union all
    select
        landed_without.rejection_id,
        landed_without.table_name,
        landed_without.object_id,
        landed_without.column_name,
        landed_without.reason,
        true as is_landed
    from landed_without
    inner join present
        on
            landed_without.table_name = present.table_name
            and landed_without.object_id = present.object_id
            and landed_without.observed_at = present.observed_at
)

select * from final
