-- Start, end and acknowledgement of each incident: the first present of what is configured (I4, I6), except that the
-- status history overrules every named timestamp where an incident was reopened (I5).
with

reserved as (
    select
        purpose,
        position,
        lower(name) as word
    from {{ ref('config_timestamps') }}
    where lower(name) in ('created_at', 'left_live', 'entered_live')
),

by_history as (
    select
        incidents.incident_id,
        incidents.created_at,
        history.entered_live_at,
        history.first_left_live_at,
        history.last_left_live_at,
        history.is_live_at_last,
        history.reopened_count > 0 as is_reopened
    from {{ ref('int_incidents_joined') }} as incidents
    inner join {{ ref('int_incident_history_summarised') }} as history
        on incidents.incident_id = history.incident_id
),

candidates as (
    select
        timestamps.incident_id,
        names.purpose,
        names.position,
        timestamps.name as basis,
        timestamps.happened_at
    from {{ ref('int_incident_timestamps_unnested') }} as timestamps
    inner join {{ ref('int_timestamp_names_resolved') }} as names
        on timestamps.timestamp_id = names.timestamp_id
    -- What a file says of start and end comes before every timestamp.
    union all
    select
        incident_id,
        'restore_start' as purpose,
        0 as position,
        'started_at' as basis,
        given_started_at as happened_at
    from {{ ref('int_incidents_joined') }}
    union all
    select
        incident_id,
        'restore_end' as purpose,
        0 as position,
        'restored_at' as basis,
        given_restored_at as happened_at
    from {{ ref('int_incidents_joined') }}
    union all
    select
        by_history.incident_id,
        reserved.purpose,
        reserved.position,
        reserved.word as basis,
        case reserved.word
            when 'created_at' then by_history.created_at
            when 'entered_live' then by_history.entered_live_at
            else by_history.first_left_live_at
        end as happened_at
    from by_history
    cross join reserved
),

chosen as (
    select
        incident_id,
        purpose,
        basis,
        happened_at
    from candidates
    where happened_at is not null
    qualify
        row_number() over (
            partition by incident_id, purpose
            order by position, happened_at, basis
        ) = 1
),

pivoted as (
    select
        {%- for purpose in ['restore_start', 'restore_end', 'acknowledge', 'impact_started', 'reported', 'closed'] %}
        max(case when purpose = '{{ purpose }}' then happened_at end) as {{ purpose }}_at,
        max(case when purpose = '{{ purpose }}' then basis end) as {{ purpose }}_basis,
        {%- endfor %}
        incident_id
    from chosen
    group by incident_id
),

final as (
    select
        by_history.incident_id,
        pivoted.restore_start_at as started_at,
        pivoted.restore_start_basis,
        case
            when not by_history.is_reopened then pivoted.restore_end_at
            when not by_history.is_live_at_last then by_history.last_left_live_at
        end as restored_at,
        case
            when not by_history.is_reopened then pivoted.restore_end_basis
            when not by_history.is_live_at_last then 'left_live after reopening'
        end as restore_end_basis,
        pivoted.acknowledge_at as acknowledged_at,
        pivoted.acknowledge_basis,
        pivoted.impact_started_at,
        pivoted.reported_at,
        pivoted.closed_at
    from by_history
    left join pivoted on by_history.incident_id = pivoted.incident_id
)

select * from final
