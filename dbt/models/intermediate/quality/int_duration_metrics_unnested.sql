-- The durations that the source says it has computed itself, of incidents that are over: each once an incident.
with

ended as (
    select
        staged.incident_id,
        staged.duration_metrics_json
    from {{ ref('stg_incidentio__incidents') }} as staged
    inner join {{ ref('int_incidents_joined') }} as incidents
        on staged.incident_id = incidents.incident_id
    where incidents.status_category in ('learning', 'closed') and staged.duration_metrics_json is not null
),

items as (
    {{ json_items('ended', ['incident_id'], 'duration_metrics_json') }}
),

final as (
    select
        incident_id,
        {{ member('item', 'name') }} as duration_metric,
        max(cast({{ member('item', 'value_seconds') }} as int64)) as source_seconds
    from items
    where {{ member('item', 'status') }} = 'success'
    group by 1, 2
)

select * from final
where duration_metric is not null and source_seconds is not null
