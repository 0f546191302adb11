{#
  Run-operation. Emits one record: the worlds, the declared settings with what each allows, the
  relations of the database with kind, rows, bytes and what they were built from, and the run.
#}
{% macro describe() -%}
{%- set settings = [] -%}
{%- for name, spec in var('settings').items() -%}
    {%- do settings.append({
        'name': name,
        'meaning': spec['meaning'],
        'type': spec['type'],
        'unit': spec.get('unit'),
        'allowed': allowed_values(spec),
        'default': spec['default'],
    }) -%}
{%- endfor -%}
{%- do emit({
    'worlds': worlds(),
    'settings': settings,
    'relations': relation_facts(),
    'run': remembered_run(),
}) -%}
{%- endmacro %}
