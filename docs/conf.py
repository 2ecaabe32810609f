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
autodoc_default_options = {"members": True}
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
python_use_unqualified_type_names = True
maximum_signature_line_length = 60  # a longer one has a line for each parameter, which a phone can show
# Aliases that a signature names instead of what they stand for.
autodoc_type_aliases = {
    "AsyncSource": "snaptasks.AsyncSource",
    "Catalog": "snaptasks.Catalog",
    "Headers": "snaptasks.rest.Headers",
    "Source": "snaptasks.Source",
    "Strategy": "snaptasks.testing.strategies.Strategy",
    "Visibility": "snaptasks.Visibility",
}
napoleon_google_docstring = True
napoleon_numpy_docstring = False

# A reference that leads nowhere is an error, if it is to a name of the project. Names of Python, pydantic, SQLAlchemy and
# hypothesis have no link, because a build needs no network; a word in single backquotes may be a parameter.
nitpicky = True
nitpick_ignore_regex = [(r"py:.*", r"(?s)(?!snaptasks\.).*")]

highlight_language = "none"  # a literal block of a docstring is a picture or a session, not Python

html_theme = "furo"
html_title = f"snaptasks {release}"
html_static_path = ["_static"]
html_css_files = ["pages.css"]
html_copy_source = False
