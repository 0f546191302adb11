"""Hooks of MkDocs: what a site of `docs` lacks that the repository has."""

import re
from pathlib import Path, PurePosixPath
from typing import Any

from mkdocs.structure.files import File

ROOT = Path(__file__).parents[1]
LINK = re.compile(r"(?<!!)\[(?P<text>[^\]]+)\]\((?P<target>[^)#\s:]+)(?:#[\w-]+)?\)")


def on_files(files: Any, config: Any) -> Any:
    """Adds dbt's own documentation, which `make docs` writes first."""
    page = ROOT / "target" / "static_index.html"
    if page.is_file():
        files.append(File.generated(config, "dbt.html", abs_src_path=str(page)))
    else:
        files.append(File.generated(config, "dbt.html", content="Run make docs."))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Names files of the repository that are no pages, instead of linking nowhere."""
    parent = (ROOT / "docs" / page.file.src_uri).parent

    def kept(match: re.Match[str]) -> str:
        target = (parent / match["target"]).resolve()
        if target.is_relative_to(ROOT / "docs") and target.is_file():
            return match[0]
        path = PurePosixPath(target.relative_to(ROOT))
        return (
            f"{match['text']} (`{path}`)" if str(path) != match["text"] else f"`{path}`"
        )

    return LINK.sub(kept, markdown)
