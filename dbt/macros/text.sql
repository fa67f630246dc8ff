{#- Text by pattern. Patterns are RE2's on both engines, given as a constant or as a column. -#}

{#- What the first group of a constant pattern finds in a text; null where it finds nothing. -#}
{% macro found(text, pattern) %}{{ return(adapter.dispatch('found', 'fourfold')(text, pattern)) }}{% endmacro %}
{% macro duckdb__found(text, pattern) %}{{ return("nullif(regexp_extract(" ~ text ~ ", '" ~ pattern ~ "', 1), '')") }}{% endmacro %}
{% macro bigquery__found(text, pattern) %}{{ return("regexp_extract(" ~ text ~ ", r'" ~ pattern ~ "')") }}{% endmacro %}

{#- Whether a pattern, an expression, is found anywhere in a text. -#}
{% macro matches(text, pattern) %}{{ return(adapter.dispatch('matches', 'fourfold')(text, pattern)) }}{% endmacro %}
{% macro duckdb__matches(text, pattern) %}{{ return('regexp_matches(' ~ text ~ ', ' ~ pattern ~ ')') }}{% endmacro %}
{% macro bigquery__matches(text, pattern) %}{{ return('regexp_contains(' ~ text ~ ', ' ~ pattern ~ ')') }}{% endmacro %}

{#- The name of a branch or a tag in lower case, without where git keeps it (refs/tags/v1 is v1). -#}
{% macro bare_ref(ref) %}{{ return('lower(' ~ found(ref, '^(?:refs/(?:heads|tags)/)?(.+)$') ~ ')') }}{% endmacro %}

{#- An id as text that sorts as package ship sorts ids: numbers as numbers and before all others, those as text. -#}
{% macro sortable(id) -%}
    case
        when length({{ id }}) <= 24 and translate({{ id }}, '0123456789', '') = '' then lpad({{ id }}, 24, '0')
        else '~' || {{ id }}
    end
{%- endmacro %}

{#-
    What a person calls a deployment or an incident, as the names of it are kept: in lower case, #12 is 12, and an address, in
    whatever case, is without what follows ? or #.
-#}
{% macro name_given(text) -%}
    lower(coalesce(
        {{ found(text, '^#(.+)$') }},
        {{ found(text, '(?i)^(https?://[^?#]*[^/?#])/*(?:[?#].*)?$') }},
        {{ text }}
    ))
{%- endmacro %}

{#- Our id of the deployment, workflow run or release that an address of any host, in any case, ends in or goes through. -#}
{% macro name_in_address(text) -%}
    coalesce(
        'deployments:' || {{ found(text, '(?i)/deployments/([0-9]+)(?:$|[/?#])') }},
        'workflow_runs:' || {{ found(text, '(?i)/actions/runs/([0-9]+)(?:$|[/?#])') }},
        'releases:' || {{ found(text, '(?i)/releases/([0-9]+)(?:$|[/?#])') }}
    )
{%- endmacro %}
