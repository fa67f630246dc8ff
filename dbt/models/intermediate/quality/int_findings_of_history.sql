-- Incidents whose status history does not end in their present status: some updates are missing or not yet read.
with

last_changes as (
    select
        incident_id,
        status_category
    from {{ ref('int_incident_status_changes') }}
    where true
    qualify
        row_number() over (
            partition by incident_id
            order by position desc
        ) = 1
),

final as (
    select
        'history_incomplete' as rule,
        'info' as severity,
        'incident' as object_type,
        incidents.incident_id as object_id,
        {{ said('detail', {
            'en': '{incidents.reference} is {incidents.status_category} but its last known update says '
                '{last_changes.status_category}',
            'ja': '{incidents.reference}のステータス区分は{incidents.status_category}ですが、確認できる最後の更新では'
                '{last_changes.status_category}です',
        }) }}
    from {{ ref('int_incidents_joined') }} as incidents
    inner join last_changes on incidents.incident_id = last_changes.incident_id
    where incidents.status_category <> last_changes.status_category
)

select * from final
