-- Between which two timestamps each duration of the source is. The source does not say, so it is found out: the pair
-- that gives the source's number, to a second, in most of the latest incidents. The source rounds where we cut.
{%- set sample = 500 %}

with

latest as (
    select
        measured.duration_metric,
        measured.incident_id,
        measured.source_seconds
    from {{ ref('int_duration_metrics_unnested') }} as measured
    inner join {{ ref('int_incidents_joined') }} as incidents
        on measured.incident_id = incidents.incident_id
    where true
    qualify
        row_number() over (
            partition by measured.duration_metric
            order by incidents.created_at desc, measured.incident_id desc
        ) <= {{ sample }}
),

sizes as (
    select
        duration_metric,
        count(*) as n
    from latest
    group by duration_metric
),

moments as (
    select
        incident_id,
        name,
        happened_at
    from {{ ref('int_incident_timestamps_unnested') }}
    where incident_id in (select latest.incident_id from latest)
    union all
    select
        incident_id,
        'created_at' as name,
        created_at as happened_at
    from {{ ref('int_incidents_joined') }}
    where incident_id in (select latest.incident_id from latest)
),

fitting as (
    select
        latest.duration_metric,
        begins.name as from_name,
        ends.name as to_name,
        count(distinct latest.incident_id) as fits
    from latest
    inner join moments as begins
        on latest.incident_id = begins.incident_id
    inner join moments as ends
        on latest.incident_id = ends.incident_id
    where
        begins.name <> ends.name
        and abs({{ seconds_between('begins.happened_at', 'ends.happened_at') }} - latest.source_seconds) <= 1
    group by latest.duration_metric, begins.name, ends.name
),

best as (
    select
        duration_metric,
        from_name,
        to_name,
        fits
    from fitting
    where true
    qualify
        row_number() over (
            partition by duration_metric
            order by fits desc, from_name asc, to_name asc
        ) = 1
),

final as (
    select
        sizes.duration_metric,
        sizes.n as sampled,
        coalesce(best.fits, 0) as fits,
        case when 2 * best.fits > sizes.n then best.from_name end as from_name,
        case when 2 * best.fits > sizes.n then best.to_name end as to_name
    from sizes
    left join best
        on sizes.duration_metric = best.duration_metric
)

select * from final
