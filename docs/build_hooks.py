"""MkDocs reads one folder. This adds the pages of the repository's root to it, with their links as seen from there."""

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT_PAGES = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "CONTRIBUTING.md",
    "SECURITY.md": "SECURITY.md",
    "CHANGELOG.md": "CHANGELOG.md",
    "LICENSE": "LICENSE",
}
"""File of the root, and its place on the site."""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages. A link to `docs/x.md` becomes one to `x.md`, a link to `README.md` one to the first page."""
    root = Path(config.config_file_path).parent
    for source, target in ROOT_PAGES.items():
        text = (root / source).read_text(encoding="utf-8")
        text = text.replace("](docs/", "](").replace("](README.md)", "](index.md)")
        files.append(File.generated(config, target, content=text))
    return files


def on_page_markdown(markdown: str, **_: object) -> str:
    """Links out of `docs/` to pages of the root lead to the pages that were added."""
    return re.sub(r"\]\(\.\./(?=[A-Z]+(?:\.md)?\))", "](", markdown)
