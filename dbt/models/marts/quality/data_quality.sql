{%- set findings = [
    'int_findings_of_sources', 'int_findings_of_configuration', 'int_findings_of_timestamps', 'int_findings_of_incidents',
    'int_findings_of_incident_times', 'int_findings_of_history', 'int_findings_of_deployments',
    'int_findings_of_durations', 'int_findings_of_links', 'int_findings_of_files', 'int_findings_of_duration_metrics',
    'int_findings_of_coverage', 'int_findings_of_reconciliation', 'int_findings_of_measures',
] -%}

with

-- A finding says what it can: words that lack one of their parts stop no build.
findings as (
    {%- for name in findings %}
    select
        rule,
        severity,
        object_type,
        coalesce(object_id, 'unknown') as object_id,
        coalesce(detail, 'too little is known of it to say more') as detail,
        coalesce(detail_ja, '詳しい内容は分かりません') as detail_ja
    from {{ ref(name) }}
    {{ 'union distinct' if not loop.last }}
    {%- endfor %}
),

final as (
    select
        rule,
        severity,
        object_type,
        object_id,
        detail,
        detail_ja,
        {{ build_id() }} as build_id
    from findings
)

select * from final
