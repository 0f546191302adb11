"""Formats, compression and layout of exported files."""

from enum import StrEnum


class Format(StrEnum):
    """A file format."""

    parquet = "parquet"
    csv = "csv"
    jsonl = "jsonl"
    duckdb = "duckdb"
    ducklake = "ducklake"

    @property
    def is_database(self) -> bool:
        """Whether all tables go into one database."""
        return self in (Format.duckdb, Format.ducklake)


class Compression(StrEnum):
    """Compression of files."""

    none = "none"
    snappy = "snappy"
    gzip = "gzip"
    zstd = "zstd"


ENDINGS = {Compression.none: "", Compression.gzip: ".gz", Compression.zstd: ".zst"}


class Layout(StrEnum):
    """Folder layout of an export."""

    plain = "plain"
    lake = "lake"
