{#- The arithmetic of M1 and M2. Quantiles are in tenths, so that everything up to the last division is whole numbers. -#}

{#- The rank at or below the continuous quantile: 1 + floor((n - 1) * tenths / 10). -#}
{% macro lower_rank(n, tenths) -%}
    1 + cast(floor((({{ n }} - 1) * {{ tenths }}) / 10) as int64)
{%- endmacro %}

{#- How many tenths of the way the continuous quantile is from the value at that rank to the next one. -#}
{% macro next_weight(n, tenths) -%}
    mod((({{ n }} - 1) * {{ tenths }}), 10)
{%- endmacro %}

{#- The continuous quantile, from the two values and that weight. -#}
{% macro quantile(at_rank, at_next, weight) -%}
    (
                {{ at_rank }} * (10 - {{ weight }}) + coalesce({{ at_next }}, 0) * {{ weight }}
            ) / 10
{%- endmacro %}

{#- A rank of the order statistics that hold a quantile: the exact one to n = 1,000, the normal approximation beyond. -#}
{% macro limit_rank(n, p, exact, side) -%}
    case
            when {{ n }} <= 1000 then {{ exact }}
            {%- if side == 'low' %}
            else cast(floor({{ n }} * {{ p }} - 1.959964 * sqrt({{ n }} * {{ p * (1 - p) }})) as int64)
            {%- else %}
            else cast(ceil({{ n }} * {{ p }} + 1.959964 * sqrt({{ n }} * {{ p * (1 - p) }})) as int64) + 1
            {%- endif %}
        end
{%- endmacro %}

{#- A limit of a Poisson count: the exact one to n = 1,000, the normal approximation beyond. -#}
{% macro count_limit(n, exact, sign) -%}
    case
                when coalesce({{ n }}, 0) = 0 then {{ '0.0' if sign == '-' else '3.6888794541139363' }}
                when {{ n }} <= 1000 then {{ exact }}
                else {{ n }} {{ sign }} 1.959964 * sqrt({{ n }})
            end
{%- endmacro %}

{#- A limit of Wilson's interval of a rate of k in n. Of none and of all it is what it must be, and not a rounding off it. -#}
{% macro wilson(k, n, sign) -%}
    case
                when {{ n }} > 0 and {{ k }} = {{ '0' if sign == '-' else n }} then {{ '0.0' if sign == '-' else '1.0' }}
                when {{ n }} > 0
                    then (
                        {{ k }} / {{ n }} + 1.959964 * 1.959964 / (2 * {{ n }})
                        {{ sign }} 1.959964 * sqrt(
                            ({{ k }} / {{ n }}) * (1 - {{ k }} / {{ n }}) / {{ n }}
                            + 1.959964 * 1.959964 / (4.0 * {{ n }} * {{ n }})
                        )
                    ) / (1 + 1.959964 * 1.959964 / {{ n }})
            end
{%- endmacro %}
