{# A usage error where settings of the shop world do not fit together. #}
{% macro check_shop_settings() -%}
{%- set days = setting('shop_days') -%}
{%- set train, validation = shop_split_days() -%}
{%- if validation <= train -%}
    {{ raise_usage_error(
        "Setting 'shop_validation_days' is " ~ validation ~ ", but must be above shop_train_days, which is " ~ train ~ "."
    ) }}
{%- endif -%}
{%- if validation >= days -%}
    {{ raise_usage_error(
        "Setting 'shop_validation_days' is " ~ validation ~ ", but must be below shop_days, which is " ~ days ~ "."
    ) }}
{%- endif -%}
{%- if shop_experiment_day() >= days -%}
    {{ raise_usage_error(
        "Setting 'shop_experiment_day' is " ~ shop_experiment_day() ~ ", but must be below shop_days, which is " ~ days ~ "."
    ) }}
{%- endif -%}
{%- endmacro %}
