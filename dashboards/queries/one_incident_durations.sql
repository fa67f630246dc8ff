-- The configured durations of one incident (metrics.durations).
select
    durations.duration,
    durations.measure,
    durations.from_at,
    durations.to_at,
    durations.from_basis,
    durations.to_basis,
    durations.seconds
from {marts}fct_incident_durations as durations
where durations.incident_id = @incident
order by durations.duration
