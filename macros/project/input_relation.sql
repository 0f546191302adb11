{#
  The relation that brings a part of the experiments which are not of a generated world, by `inputs`: a
  model or seed of the project, or, with a dot, a table of the database. None where there is none.
#}
{% macro input_relation(part) -%}
{%- set inputs = var('inputs', none) or {} -%}
{%- for name in inputs if name not in input_columns() -%}
    {{ raise_usage_error(
        "There is no input '" ~ name ~ "'. `inputs` takes " ~ input_columns() | join(', ') ~ "."
    ) }}
{%- endfor -%}
{%- set name = inputs.get(part) -%}
{%- if name is none -%}
    {{ return(none) }}
{%- elif not modules.re.fullmatch('[A-Za-z_][A-Za-z0-9_]*([.][A-Za-z_][A-Za-z0-9_]*)?', name) -%}
    {{ raise_usage_error(
        "Input '" ~ part ~ "' is '" ~ name ~ "', but must be the name of a model, or schema.table."
    ) }}
{%- elif '.' in name -%}
    {{ return(api.Relation.create(schema=name.split('.')[0], identifier=name.split('.')[1])) }}
{%- endif -%}
{{ return(ref(project_name, name)) }}
{%- endmacro %}
