-- The times to restore of the other counted incidents of one incident's severity: of more than 200 an even selection by
-- rank, and the middle ones; with the number of all, and how many took less time and as long.
with

this as (
    select
        incidents.incident_id,
        coalesce(incidents.severity, '') as severity,
        incidents.time_to_restore_seconds as seconds
    from {marts}fct_incidents as incidents
    where incidents.incident_id = @incident
),

ranked as (
    select
        peers.incident_id,
        peers.reference,
        peers.name,
        peers.time_to_restore_seconds as seconds,
        row_number() over (order by peers.time_to_restore_seconds, peers.incident_id) as place,
        count(*) over () as sample_size,
        count(case when peers.time_to_restore_seconds < this.seconds then 1 end) over () as shorter,
        count(case when peers.time_to_restore_seconds = this.seconds then 1 end) over () as as_long
    from {marts}fct_incidents as peers
    inner join this
        on coalesce(peers.severity, '') = this.severity
    where
        peers.is_counted
        and peers.time_to_restore_seconds is not null
        and peers.restored_at >= @from_at
        and peers.restored_at < @to_at
        and peers.incident_id <> this.incident_id
)

select
    incident_id,
    reference,
    name,
    seconds,
    place,
    sample_size,
    shorter,
    as_long
from ranked
where
    mod(place * 200, sample_size) < 200
    or place in (floor((sample_size + 1) / 2), ceil((sample_size + 1) / 2))
order by place
