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

{#- An id as text that sorts as a number does. -#}
{% macro sortable(id) %}{{ return("lpad(" ~ id ~ ", 24, '0')") }}{% endmacro %}
