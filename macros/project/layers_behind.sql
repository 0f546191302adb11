{#
  The layers that the models and tests of a layer, and exposures, must not read. Latent traits and true
  effects stay in generate and truth; raw has what a tracker would have sent, which staging alone reads.
#}
{% macro layers_behind(layer) -%}
{{ return({
    'generate': ['analysis', 'raw', 'staging', 'intermediate', 'marts', 'truth'],
    'raw': ['analysis', 'raw', 'staging', 'intermediate', 'marts', 'truth'],
    'staging': ['seeds', 'analysis', 'generate', 'intermediate', 'marts', 'truth'],
    'intermediate': ['seeds', 'generate', 'raw', 'marts', 'truth'],
    'marts': ['seeds', 'generate', 'raw', 'truth'],
    'truth': ['raw'],
    'exposure': ['seeds', 'generate', 'truth'],
}.get(layer, [])) }}
{%- endmacro %}
