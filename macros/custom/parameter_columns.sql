{# The parts of a declared world that are relations, and the columns of each with their types. #}
{% macro parameter_columns() -%}
{%- set text = dbt.type_string() -%}
{%- set columns = {
    'segments': {
        'segment_number': 'integer', 'segment': text, 'draw_from': 'bigint', 'draw_below': 'bigint',
        'sessions_per_active_day': 'double',
    },
    'retention': {'segment_number': 'integer', 'days_since_signup': 'bigint', 'active_share': 'double'},
    'hours': {'category': 'bigint', 'weight': 'bigint'},
    'weekdays': {'day_of_week': 'bigint', 'factor': 'double'},
    'events': {
        'event_number': 'integer', 'event_name': text, 'log_median_ms': 'double', 'log_spread': 'double',
        'picked_kind': 'integer', 'item_kind': 'integer',
    },
    'transitions': {
        'segment_number': 'integer', 'event_number': 'integer', 'next_number': 'integer',
        'probability': 'double',
    },
    'items': {
        'kind_number': 'integer', 'kind': text, 'item_count': 'bigint', 'zipf_exponent': 'double',
    },
    'running': {
        'experiment_number': 'integer', 'experiment_id': text, 'trigger_number': 'integer',
        'from_day': 'bigint', 'draw_from': 'bigint', 'draw_below': 'bigint',
    },
    'variants': {
        'experiment_number': 'integer', 'variant_number': 'integer', 'variant': text,
        'segment_number': 'integer', 'draw_from': 'bigint', 'draw_below': 'bigint', 'probability': 'double',
    },
    'effects': {
        'experiment_number': 'integer', 'variant_number': 'integer', 'segment_number': 'integer',
        'target': text, 'event_number': 'integer', 'next_number': 'integer', 'factor': 'double',
        'novelty': 'double', 'half_life_days': 'double',
    },
    'claimed_shares': {
        'subject': text, 'segment_group': text, 'value': text, 'claim': text, 'declared': 'double',
        'probability': 'double',
    },
    'claim_groups': {'subject': text, 'segment_number': 'integer', 'segment_group': text},
    'other_claims': {
        'target': text, 'claim': text, 'declared': 'double', 'segment_number': 'integer', 'day': 'bigint',
    },
    'effect_claims': {
        'claim': text, 'declared': 'double', 'experiment_number': 'integer', 'variant_number': 'integer',
        'target': text, 'event_number': 'integer', 'next_number': 'integer', 'segment_number': 'integer',
        'factor': 'double', 'novelty': 'double', 'half_life_days': 'double',
    },
} -%}
{%- for part in ('experiments', 'variants', 'metrics') -%}
    {%- do columns.update({'analysed_' ~ part: input_columns()[part]}) -%}
{%- endfor -%}
{{ return(columns) }}
{%- endmacro %}
