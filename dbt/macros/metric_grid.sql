{#-
    The metric template over the grid: every dimension at once, for four_keys. It gives what metric_template_groups gives,
    measure_groups and kept, from all of fct_measures, and is another way to the same for speed alone: a test compares each
    dimension with the template.

    What rows have in common (a measure and its attributes) is numbered as a label, and rows are joined to groups by it. An
    attribute of the object (all, repository, severity, type, field) needs the object's earliest row, a team the earliest of
    the object in it, and a service has one row of an object at most.
      measures    fct_measures
      fields      incident_id, field, value: what else incidents are grouped by, as field:NAME
      metrics     dim_metrics
      dimensions  name of a dimension -> column of fct_measures; all has none
-#}
{% macro metric_grid(measures, fields, metrics, limits, dimensions, day_dimensions) -%}
{{ metric_template_measures(metrics, 'true') }},

measured as {{ inlined() }} (
    select measures.*
    from {{ measures }} as measures
    inner join measures_used on measures.metric = measures_used.measure
),

labels as (
    select
        seen.*,
        dense_rank() over (order by seen.metric) as measure_no,
        dense_rank() over (order by seen.team) as team_no,
        row_number() over (
            order by
                coalesce(seen.service, ''), seen.service, seen.metric, seen.team, seen.repository, seen.severity,
                seen.incident_type
        ) as label_no
    from (
        select distinct
            measured.metric,
            measured.object_type,
            measured.service,
            measured.team,
            measured.repository,
            measured.severity,
            measured.incident_type
        from measured
    ) as seen
),

{{ metric_template_lone('measured') }},

labelled as {{ inlined() }} (
    select
        labels.label_no,
        labels.measure_no,
        labels.team_no,
        measured.object_id,
        measured.object_type,
        measured.at as measured_at,
        measured.local_date,
        measured.value,
        measured.numerator,
        measured.denominator,
        lone_repositories.repository is not null as is_lone
    from measured
    inner join labels
        on
            measured.metric = labels.metric
            {%- for column in ['service', 'team', 'repository', 'severity', 'incident_type'] %}
            and measured.{{ column }} is not distinct from labels.{{ column }}
            {%- endfor %}
    left join lone_repositories on measured.repository = lone_repositories.repository
),

placed as (
    select
        label_no,
        cast(null as string) as incident_id,
        local_date,
        value,
        numerator,
        denominator,
        true as is_first,
        true as is_first_of_team
    from labelled
    where is_lone
    union all
    select
        label_no,
        case when object_type = 'incident' then object_id end as incident_id,
        local_date,
        value,
        numerator,
        denominator,
        row_number() over (
            partition by measure_no, object_id
            order by measured_at, label_no
        ) = 1 as is_first,
        row_number() over (
            partition by measure_no, object_id, team_no
            order by measured_at, label_no
        ) = 1 as is_first_of_team
    from labelled
    where not is_lone
),

field_values as (
    select distinct
        'field:' || fields.field as dimension,
        fields.value as dimension_value
    from {{ fields }} as fields
),

measure_groups as (
    select
        seen.measure,
        seen.dimension,
        seen.dimension_value,
        measures_used.has_ranks = 1 as has_ranks,
        seen.dimension in ('{{ day_dimensions | join("', '") }}') as has_days,
        row_number() over (order by seen.measure, seen.dimension, seen.dimension_value) as group_no
    from (
        {%- for dimension, column in dimensions.items() %}
        select distinct
            metric as measure,
            '{{ dimension }}' as dimension,
            {{ column or "'all'" }} as dimension_value
        from labels
        {{ 'where ' ~ column ~ ' is not null' if column }}
        union all
        {%- endfor %}
        select distinct
            labels.metric as measure,
            field_values.dimension,
            field_values.dimension_value
        from labels
        cross join field_values
        where labels.object_type = 'incident'
    ) as seen
    inner join measures_used on seen.measure = measures_used.measure
),

label_groups as (
    {%- for dimension, column in dimensions.items() %}
    select
        labels.label_no,
        measure_groups.group_no,
        measure_groups.has_ranks as is_ranked,
        measure_groups.has_days,
        '{{ dimension }}' as dimension
    from labels
    inner join measure_groups
        on
            labels.metric = measure_groups.measure
            and measure_groups.dimension = '{{ dimension }}'
            and measure_groups.dimension_value = {{ 'labels.' ~ column if column else "'all'" }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

kept as {{ inlined() }} (
    select
        label_groups.group_no,
        label_groups.is_ranked,
        label_groups.has_days,
        placed.local_date,
        placed.value,
        placed.numerator,
        placed.denominator
    from placed
    inner join label_groups on placed.label_no = label_groups.label_no
    where
        case label_groups.dimension
            when 'service' then true
            when 'team' then placed.is_first_of_team
            else placed.is_first
        end
    union all
    select
        measure_groups.group_no,
        measure_groups.has_ranks as is_ranked,
        measure_groups.has_days,
        placed.local_date,
        placed.value,
        placed.numerator,
        placed.denominator
    from placed
    inner join labels on placed.label_no = labels.label_no
    inner join (
        select distinct
            fields.incident_id,
            'field:' || fields.field as dimension,
            fields.value as dimension_value
        from {{ fields }} as fields
    ) as incident_values on placed.incident_id = incident_values.incident_id
    inner join measure_groups
        on
            labels.metric = measure_groups.measure
            and incident_values.dimension = measure_groups.dimension
            and incident_values.dimension_value = measure_groups.dimension_value
    where placed.is_first
),

{{ metric_template_numbers(metrics, limits, 'true', 'day_sums.local_date') }}
{%- endmacro %}
