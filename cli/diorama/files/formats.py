"""The forms of exported files."""

from enum import StrEnum


class Format(StrEnum):
    """A file format."""

    parquet = "parquet"
    csv = "csv"
    jsonl = "jsonl"


class Compression(StrEnum):
    """How files are compressed."""

    none = "none"
    snappy = "snappy"
    gzip = "gzip"
    zstd = "zstd"


ENDINGS = {Compression.none: "", Compression.gzip: ".gz", Compression.zstd: ".zst"}


class Layout(StrEnum):
    """The folders of an export."""

    plain = "plain"
    lake = "lake"
