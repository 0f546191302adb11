"""Engines that build and read tables: dbt, DuckDB, Spark, and worker processes."""
