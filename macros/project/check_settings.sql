{# Runs before anything is built: every given var must be declared, of its type and in its range. #}
{% macro check_settings() -%}
{%- for name in invocation_args_dict.get('vars', {}) if name not in var('settings') -%}
    {{ unknown_setting(name) }}
{%- endfor -%}
{%- for name in var('settings') -%}
    {%- do setting(name) -%}
{%- endfor -%}
{%- if setting('shard_index') >= setting('shard_count') -%}
    {{ raise_usage_error(
        "Setting 'shard_index' is " ~ setting('shard_index') ~ ", but must be below shard_count, which is "
        ~ setting('shard_count') ~ ". Shards count from 0."
    ) }}
{%- endif -%}
{%- if execute and flags.WHICH in ('build', 'run') -%}
    {{ check_a_world_has_started() }}
{%- endif -%}
{%- endmacro %}
