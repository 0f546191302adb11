{#
  What the SQL of a node names that its layer must not read, in words, or none: a relation of a layer
  behind the wall, a schema of one, or, where raw or generate may be read, a latent column.
#}
{% macro read_behind_the_wall(node, layer, sql, relations) -%}
{%- set code = modules.re.sub('(?s)--[^\\n]*|/\\*.*?\\*/|\\{#.*?#\\}', ' ', sql) -%}
{%- set words = set(modules.re.findall('\\w+', code)).difference([node['name']]) -%}
{%- set behind = layers_behind(layer) -%}
{%- for hidden in behind if hidden in ('generate', 'raw', 'truth') -%}
    {%- for name in words.intersection(relations.get(hidden, [])) | sort -%}
        {{ return(name ~ ' of the layer ' ~ hidden) }}
    {%- endfor -%}
    {%- if modules.re.search('(?<![\\w.])(?:"?\\w+"?\\s*\\.\\s*)?"?' ~ hidden ~ '"?\\s*\\.\\s*["\\w{]', code) -%}
        {{ return('the schema ' ~ hidden) }}
    {%- endif -%}
{%- endfor -%}
{%- if layer in ('raw', 'staging') -%}
    {%- set latent = latent_columns() -%}
    {%- for name in modules.re.findall('\\b(?:' ~ latent['pattern'] ~ ')\\b', code) -%}
        {%- if name not in latent['allowed'].get(node['name'], []) -%}
            {{ return('the latent column ' ~ name) }}
        {%- endif -%}
    {%- endfor -%}
{%- endif -%}
{{ return(none) }}
{%- endmacro %}
