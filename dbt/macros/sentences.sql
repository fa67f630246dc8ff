{#-
    Sentences that marts say twice, in English and in Japanese, side by side so that whoever changes one sees the other. What
    stands in braces is an expression over the model's columns, text or written as :number or :instant; both languages have
    to tell the same ones, where x_ja is x in Japanese.
-#}

{#- An expression as text. -#}
{% macro fact_as_text(fact) -%}
    {%- set parts = fact.rsplit(':', 1) -%}
    {%- if parts[1] is not defined -%}
        {{- fact -}}
    {%- elif parts[1] == 'number' -%}
        cast({{ parts[0] }} as string)
    {%- elif parts[1] == 'instant' -%}
        {{- instant_to_text(parts[0]) -}}
    {%- else -%}
        {{- exceptions.raise_compiler_error('no fact is written as in {' ~ fact ~ '}: there are :number and :instant') -}}
    {%- endif -%}
{%- endmacro %}

{#- A sentence as an expression. Its words hold nothing that a literal of either engine takes for something else. -#}
{% macro sentence(text) -%}
    {%- set terms = [] -%}
    {%- for piece in modules.re.split('[{}]', text) -%}
        {%- if loop.index is even -%}
            {%- do terms.append(fact_as_text(piece)) -%}
        {%- elif modules.re.search("['\\\\]", piece) -%}
            {{- exceptions.raise_compiler_error('a quote or a backslash in: ' ~ text) -}}
        {%- elif piece or not text -%}
            {%- do terms.append("'" ~ piece ~ "'") -%}
        {%- endif -%}
    {%- endfor -%}
    {{- terms | join(' || ') -}}
{%- endmacro %}

{#- What is in braces, sorted, each once, as English calls it. -#}
{% macro facts_of(text) -%}
    {%- set found = modules.re.findall('{([^{}]*)}', text) -%}
    {{- return(modules.re.sub('_ja\\b', '', found | join('\n')).split('\n') | unique | sort) -}}
{%- endmacro %}

{#- The columns `column` and `column`_ja: one sentence, or of several the first whose `when` holds. -#}
{% macro said(column, sentences) -%}
    {%- set choices = [sentences] if sentences is mapping else sentences -%}
    {%- for choice in choices if facts_of(choice.en) != facts_of(choice.ja) -%}
        {{- exceptions.raise_compiler_error('not the same facts in: ' ~ choice.en ~ ' and: ' ~ choice.ja) -}}
    {%- endfor -%}
    {%- for language, name in [('en', column), ('ja', column ~ '_ja')] %}
        {%- if sentences is mapping %}
    {{ sentence(sentences[language]) }} as {{ name }}
        {%- else %}
    case
            {%- for choice in choices %}
        {{ ('when ' ~ choice.when ~ ' then') if choice.when else 'else' }} {{ sentence(choice[language]) }}
            {%- endfor %}
    end as {{ name }}
        {%- endif %}
        {{- ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
