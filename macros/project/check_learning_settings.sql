{# A usage error where settings of the learning world, each sound by itself, do not fit together. #}
{% macro check_learning_settings() -%}
{%- set days, window = setting('learning_days'), setting('learning_churn_window_days') -%}
{%- if window >= days -%}
    {{ raise_usage_error(
        "Setting 'learning_churn_window_days' is " ~ window ~ ", but must be below learning_days, which is "
        ~ days ~ ": no day would have a label."
    ) }}
{%- endif -%}
{%- if days < 2 * window + 2 -%}
    {{ raise_usage_error(
        "Setting 'learning_days' is " ~ days ~ ", but must be at least " ~ (2 * window + 2) ~ ": labels look "
        ~ window ~ " days ahead (learning_churn_window_days), and the test split lies as many days behind the others."
    ) }}
{%- endif -%}
{%- if setting('learning_profile') == 'course' and days < 38 -%}
    {{ raise_usage_error(
        "Setting 'learning_days' is " ~ days ~ ", but must be at least 38 in the profile course, where users"
        ~ " churn from day 7 to 30 days before the end."
    ) }}
{%- endif -%}
{%- if learning_experiment_day() >= days -%}
    {{ raise_usage_error(
        "Setting 'learning_experiment_day' is " ~ learning_experiment_day() ~ ", but must be below learning_days,"
        ~ " which is " ~ days ~ "."
    ) }}
{%- endif -%}
{%- if setting('learning_users') * setting('scale') > 2 ** 26 -%}
    {{ raise_usage_error(
        "Settings 'learning_users' times 'scale' is " ~ setting('learning_users') * setting('scale')
        ~ ", but must be at most " ~ 2 ** 26 ~ ": event ids have 26 bits for the user."
    ) }}
{%- endif -%}
{%- endmacro %}
