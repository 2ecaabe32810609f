"""Make the README of a distribution: its links lead to the pages of the project, because an index has no files beside it."""

import re
from pathlib import Path

from hatchling.metadata.plugin.interface import MetadataHookInterface

_LINK = re.compile(r"\[([^\]]*)\]\((?!https?://|#)([^)]*)\)")


class Readme(MetadataHookInterface):
    """Write each relative link of README.md as an absolute one, below `Documentation` or `Source` of [project.urls].

    A link without such a URL becomes plain text: better no link than a broken one.
    """

    def update(self, metadata: dict[str, object]) -> None:
        """Set the readme of the project."""
        urls = metadata.get("urls", {})

        def absolute(link: re.Match[str]) -> str:
            text, path = link.groups()
            if path.startswith("docs/") and "Documentation" in urls:
                page = path.removeprefix("docs/").replace(".md", ".html")
                return f"[{text}]({urls['Documentation'].rstrip('/')}/{page})"
            if "Source" in urls:
                return f"[{text}]({urls['Source'].rstrip('/')}/blob/HEAD/{path})"
            return text

        readme = _LINK.sub(absolute, Path(self.root, "README.md").read_text(encoding="utf-8"))
        metadata["readme"] = {"content-type": "text/markdown", "text": readme}
