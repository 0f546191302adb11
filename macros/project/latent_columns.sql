{#
  Pattern of the names of latent columns; and by model, those that it may name all the same: the documented
  layout of raw has them, and staging looks at them to tell two versions of a row apart, then drops them.
#}
{% macro latent_columns() -%}
{{ return({
    'pattern': 'engagement_score|persona|sessions_per_week|price_level|user_number'
        ~ '|(?:latent|true|affinity|is_churner)_\\w+|(?:user|session|event|world)_key',
    'allowed': {
        'raw_feed__users': ['engagement_score'],
        'raw_learning__users': ['engagement_score'],
        'raw_shop__users': ['persona', 'sessions_per_week'],
        'stg_feed__users_validated': ['engagement_score'],
        'stg_learning__users_validated': ['engagement_score'],
        'stg_shop__users_validated': ['persona', 'sessions_per_week'],
    },
}) }}
{%- endmacro %}
