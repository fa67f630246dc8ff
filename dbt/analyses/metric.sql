{#-
    The metric template as text for whoever asks outside of dbt: compiled once for each engine into dbt/compiled. It reads the
    published marts by their bare names and is valid as it stands (every metric, in total, by month). A caller replaces what
    is between the marks of a slot, everywhere the slot stands:
      dimension        name of the dimension, as a string
      dimension_value  the group of a row: an expression over `m` (fct_measures) and what is joined
      joins            joins to `m`, as fct_incident_fields for a custom field; no row twice in one dimension value
      filters          a condition over `m` and what is joined
      objects_only     a condition: dimension_value, joins and filters are the same for all rows of an object, as they look at
                       nothing of services and teams. Its earliest row then stands for the object, and no other is read
      labels_only      a condition: they look at a row's metric, object_type, service, team, repository, severity and
                       incident_type alone. The first data is then looked for among the first rows of these alone
      period           day, week, month, quarter, year, or whole for one value from from_date to to_date
      from_date        first local date, inclusive
      to_date          last local date, inclusive
      metrics          a condition over `metrics` (dim_metrics)
      marts            what stands before a mart's name, as `fourfold_marts.`; nothing for the bare name
-#}
{%- set marts = '/*<marts>*/ /*</marts>*/' %}

{%- set objects_only = '/*<objects_only>*/ false /*</objects_only>*/' %}

{%- set only = '/*<metrics>*/ true /*</metrics>*/' %}

with

{{ metric_template_measures(marts ~ 'dim_metrics', only) }},

candidates as {{ inlined() }} (
    select
        /*<dimension>*/ 'all' /*</dimension>*/ as dimension,
        /*<dimension_value>*/ 'all' /*</dimension_value>*/ as dimension_value,
        m.metric,
        m.object_type,
        m.object_id,
        m.at as measured_at,
        m.local_date,
        m.service,
        m.is_lone or {{ objects_only }} as is_lone,
        m.value,
        m.numerator,
        m.denominator
    from {{ marts }}fct_measures as m
    /*<joins>*/ /*</joins>*/
    where
        m.metric in (select measures_used.measure from measures_used)
        and (m.is_earliest or not {{ objects_only }})
        and (/*<filters>*/ true /*</filters>*/)
),

first_days as (
    select
        seen.measure,
        seen.dimension,
        seen.dimension_value,
        min(seen.local_date) as first_date
    from (
        select
            /*<dimension>*/ 'all' /*</dimension>*/ as dimension,
            /*<dimension_value>*/ 'all' /*</dimension_value>*/ as dimension_value,
            m.metric as measure,
            m.local_date
        from {{ marts }}fct_measures as m
        /*<joins>*/ /*</joins>*/
        where
            m.metric in (select metrics.measure from {{ marts }}dim_metrics as metrics)
            and (m.is_group_first or not /*<labels_only>*/ false /*</labels_only>*/)
            and (/*<filters>*/ true /*</filters>*/)
    ) as seen
    where seen.dimension_value is not null
    group by seen.measure, seen.dimension, seen.dimension_value
),

periods as (
    select /*<period>*/ 'month' /*</period>*/ as period
),

bounds as (
    select
        /*<from_date>*/ date '0001-01-01' /*</from_date>*/ as from_date,
        /*<to_date>*/ p.as_of_date /*</to_date>*/ as to_date,
        p.as_of_date,
        {{ week_anchor('p.week_start') }} as week_anchor
    from {{ marts }}publication as p
),

{{ metric_template(marts ~ 'dim_metrics', marts ~ 'dim_limits', only) }}

select
    period,
    period_start,
    dimension,
    dimension_value,
    metric,
    value,
    sample_size,
    low,
    high,
    level,
    is_open
from metric_values
order by metric, dimension_value, period_start
