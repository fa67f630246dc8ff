-- metrics.durations: of each incident that has both timestamps of a duration, how long it was from one to the other.
-- Names mean what they mean elsewhere (I4): timestamps by id, and words for the creation and for what the status
-- history says. left_live is the last move out of live work of an incident that was reopened, and none while it is
-- in live work again (I5).
with

by_history as (
    select
        incidents.incident_id,
        incidents.created_at,
        history.entered_live_at,
        case
            when history.reopened_count = 0 then history.first_left_live_at
            when not history.is_live_at_last then history.last_left_live_at
        end as left_live_at
    from {{ ref('int_incidents_joined') }} as incidents
    inner join {{ ref('int_incident_history_summarised') }} as history
        on incidents.incident_id = history.incident_id
),

reserved as (
    select
        purpose,
        lower(name) as word
    from {{ ref('config_timestamps') }}
    where purpose like 'duration%' and lower(name) in ('created_at', 'left_live', 'entered_live')
),

found as (
    select
        timestamps.incident_id,
        names.purpose,
        timestamps.name as basis,
        timestamps.happened_at
    from {{ ref('int_incident_timestamps_unnested') }} as timestamps
    inner join {{ ref('int_timestamp_names_resolved') }} as names
        on timestamps.timestamp_id = names.timestamp_id
    where names.purpose like 'duration%'
    union all
    select
        by_history.incident_id,
        reserved.purpose,
        reserved.word as basis,
        case reserved.word
            when 'created_at' then by_history.created_at
            when 'entered_live' then by_history.entered_live_at
            else by_history.left_live_at
        end as happened_at
    from by_history
    cross join reserved
),

-- Two timestamps may have had one name: the earlier one counts, as elsewhere.
ends as (
    select
        incident_id,
        purpose,
        basis,
        happened_at
    from found
    where happened_at is not null
    qualify
        row_number() over (
            partition by incident_id, purpose
            order by happened_at, basis
        ) = 1
),

final as (
    select
        beginnings.incident_id,
        durations.name as duration,
        durations.slug,
        beginnings.happened_at as from_at,
        endings.happened_at as to_at,
        beginnings.basis as from_basis,
        endings.basis as to_basis,
        case
            when endings.happened_at >= beginnings.happened_at
                then {{ seconds_between('beginnings.happened_at', 'endings.happened_at') }}
        end as seconds
    from {{ ref('config_durations') }} as durations
    inner join ends as beginnings
        on 'duration_from:' || durations.slug = beginnings.purpose
    inner join ends as endings
        on
            'duration_to:' || durations.slug = endings.purpose
            and beginnings.incident_id = endings.incident_id
)

select * from final
