{#- The keys of models whose text is put where they are read; see keys_of_models.sql. -#}
{%- set keys = {
    'base_incidentio__incidents': ['id'],
    'base_incidentio__timestamp_names': ['timestamp_id', 'name'],
    'stg_github__deployments': ['source_id'],
    'stg_github__releases': ['release_id'],
    'stg_github__workflow_runs': ['workflow_run_id'],
    'stg_incidentio__incident_roles': ['role_id'],
    'stg_incidentio__users': ['user_id'],
    'int_rejections_open': ['rejection_id'],
} -%}

{%- for name, columns in keys.items() %}
select
    '{{ name }}' as model,
    count(*) as wrong_keys
from (
    {{ test_key(ref(name), columns) }}
) as wrong
having count(*) > 0
{{ 'union all' if not loop.last }}
{%- endfor %}
