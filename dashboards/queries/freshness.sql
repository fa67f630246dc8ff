-- How fresh each stream of the published build is.
with

streams as (
    {freshness}
)

select
    streams.source,
    streams.stream,
    streams.status,
    streams.observed_at,
    streams.last_ok_at,
    {seconds_between streams.last_ok_at publication.as_of} as behind_seconds
from streams
cross join {marts}publication as publication
order by
    streams.source,
    streams.stream
