{#
  Runs before anything is built. Makes what the engine's other macros need, then raises an error
  where this engine would not make the rows of every other: where mix() returns other values.
#}
{% macro check_engine() -%}
{%- if execute and flags.WHICH in ('build', 'run') -%}
    {%- do prepare_engine() -%}
    {%- set known = [
        (0, 0), (1, 2358998009538179176), (42, 3599966565285372793), (-1, 2469965904784923180),
        (9223372036854775807, 6586878143497781956),
    ] -%}
    {%- for x, expected in known -%}
        {%- set mixed = run_query('select cast(' ~ mix(x) ~ ' as ' ~ dbt.type_string() ~ ') as mixed').rows[0][0] -%}
        {%- if mixed | string != expected | string -%}
            {{ exceptions.raise_compiler_error(
                "Engine '" ~ target.name ~ "' computes mix(" ~ x ~ ") = " ~ mixed ~ " instead of " ~ expected
                ~ ", so that its rows would differ from those of other engines. See docs/engines.md."
            ) }}
        {%- endif -%}
    {%- endfor -%}
{%- endif -%}
{%- endmacro %}
