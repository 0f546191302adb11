{#
  The parts of the input layer that `inputs` can bring, and the columns of each with their types
  (docs/analyse.md). Values of units of a metric (`unit_metrics`) and their sums (`moments`)
  are for those who have no facts.
#}
{% macro input_columns() -%}
{%- set text = dbt.type_string() -%}
{%- set columns = {
    'experiments': {
        'experiment_id': text, 'control': text, 'design': text, 'estimator': text,
        'horizon_days': 'bigint', 'silence_days': 'bigint', 'planned_units': 'bigint',
    },
    'variants': {'experiment_id': text, 'variant': text, 'planned_share': 'double'},
    'metrics': {
        'experiment_id': text, 'metric': text, 'kind': text, 'numerator_fact': text,
        'denominator_fact': text, 'aggregation': text, 'role': text, 'direction': text,
        'window_start_day': 'bigint', 'window_end_day': 'bigint', 'margin': 'double',
        'cap_quantile': 'double', 'quantiles': text, 'divisor': 'bigint', 'unit': text, 'description': text,
        'is_complement': 'boolean', 'margin_is_relative': 'boolean', 'covariate_days': 'bigint',
    },
    'exposures': {
        'experiment_id': text, 'unit_id': text, 'variant': text, 'stratum': text, 'segment': text,
        'assignment_probability': 'double', 'exposure_count': 'bigint', 'prior_days': 'bigint',
        'followed_days': 'bigint', 'is_multi_variant': 'boolean', 'cohort_week': 'date',
        'assigned_at': 'timestamp', 'first_exposed_at': 'timestamp',
    },
    'unit_facts': {'unit_id': text, 'activity_date': 'date', 'fact': text, 'value': 'bigint'},
    'unit_metrics': {
        'experiment_id': text, 'unit_id': text, 'metric': text, 'numerator': 'bigint',
        'denominator': 'bigint', 'earlier_numerator': 'bigint', 'earlier_denominator': 'bigint',
    },
    'moments': {
        'experiment_id': text, 'variant': text, 'stratum': text, 'metric': text,
        'assignment_probability': 'double', 'as_of_date': 'date', 'is_final': 'boolean',
    },
} -%}
{%- for column in cell_columns() -%}
    {%- set is_count = column.endswith(('units', 'count')) -%}
    {%- do columns['moments'].update({column: 'bigint' if is_count else type_hugeint()}) -%}
{%- endfor -%}
{{ return(columns) }}
{%- endmacro %}
