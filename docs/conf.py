"""Configure Sphinx: the pages are MyST Markdown, the API comes from docstrings. `nox -s docs` builds them."""

import sys
from importlib.metadata import version as version_of
from pathlib import Path

project = "snaptasks"
author = "The snaptasks developers"
project_copyright = author
version = release = version_of("snaptasks")

sys.path.append(str(Path(__file__).parent / "_ext"))

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "values", "rules"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
suppress_warnings = ["myst.xref_missing_root"]

default_role = "py:obj"  # single backquotes in docstrings: a link where there is a target, else code
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
napoleon_google_docstring = True
napoleon_numpy_docstring = False

html_theme = "furo"
html_title = f"snaptasks {release}"
html_copy_source = False
