-- The times that a file gives of an incident, as timestamps under the names that they have at incident.io (I4). Its
-- start and its end are no timestamps: they are what the timestamps are there to tell.
{%- set names = {
    'impact_started_at': 'Impact started', 'reported_at': 'Reported at', 'acknowledged_at': 'Accepted at',
    'closed_at': 'Closed at',
} %}

with

final as (
    {%- for column, name in names.items() %}
    select
        incident_id,
        'files:{{ column }}' as timestamp_id,
        '{{ name }}' as name,
        {{ column }} as happened_at
    from {{ ref('int_incidents_of_files') }}
    where {{ column }} is not null
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select * from final
