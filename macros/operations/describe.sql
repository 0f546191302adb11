{# Run-operation. Emits the tables and views of an engine without a catalogue, with kind and rows. #}
{% macro describe() -%}
    {%- do emit({'relations': relation_facts()}) -%}
{%- endmacro %}
