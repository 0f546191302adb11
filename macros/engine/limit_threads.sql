{#
  Statement that limits the engine to the threads of the environment variable DIORAMA_THREADS;
  without it the engine uses every core.
#}
{% macro limit_threads() -%}
    {{ return(adapter.dispatch('limit_threads', 'diorama')()) }}
{%- endmacro %}

{% macro duckdb__limit_threads() -%}
{%- set threads = env_var('DIORAMA_THREADS', '') -%}
{%- if threads -%}
    {%- if not modules.re.fullmatch('[1-9][0-9]{0,3}', threads) -%}
        {{ raise_usage_error(
            "DIORAMA_THREADS is '" ~ threads ~ "', but must be an integer from 1 to 9999. "
            ~ "Unset it to use every core."
        ) }}
    {%- endif -%}
    set threads = {{ threads }}
{%- endif -%}
{%- endmacro %}

{% macro spark__limit_threads() -%}
{%- endmacro %}
