"""Show values, enumerations, aliases and constants in the API pages as a caller writes them.

The types of fields are those of the signatures that type checkers see. A comment above a constant or an alias is its text.
No private name shows: `_plain` puts the meaning of each in its place.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import re
import textwrap
from collections.abc import Iterator, Sequence
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.pycode import ModuleAnalyzer
from sphinx.util import logging

import snaptasks

PACKAGE: Final = Path(snaptasks.__file__).parent

_log: Final = logging.getLogger(__name__)

# A private name, an address in memory or pydantic's own notation: nothing that a caller writes.
_INTERNAL: Final = re.compile(r"\b_[A-Za-z]\w*|\bat 0x|\bAnnotated\[|<\w+")

# Names that a signature imports under another name, or that are structural: what a caller passes for them.
_MEANS: Final = {
    "AbstractSet": "set",
    "Double": "float",
    "Flag": "bool",
    "Identifier": "str",
    "Int64": "int",
    "PlainText": "str",
    "_Mapping": "Mapping[str, str]",
    "st.SearchStrategy": "hypothesis.strategies.SearchStrategy",
}
# And those of the types of fields that take one in brackets.
_MEANS_OF: Final = {
    "Annotated": "{}",
    "MapOf": "Mapping[str, {}]",
    "Maybe": "{} | None",
    "SetOf": "set[{}]",
    "TupleOf": "tuple[{}, ...]",
}

# Members that every value has: Value documents them.
_OF_EVERY_VALUE: Final = {name for name in dir(snaptasks.Value) if not name.startswith("_")}


class Definition(NamedTuple):
    """A name at the top of a module: its value and the comment that belongs to it."""

    value: ast.expr
    comment: str
    is_alias: bool


@cache
def _definitions() -> dict[str, Definition]:
    """Find each constant and alias of the package by its name; a name of two modules has no meaning of its own."""
    every: dict[str, Definition] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        for name, found in _of_module(path):
            every[name] = found._replace(is_alias=False) if name in every else found
    return every


def _of_module(path: Path) -> Iterator[tuple[str, Definition]]:
    source = path.read_text(encoding="utf-8")
    lines = source.splitlines()
    for node in ast.parse(source).body:
        match node:
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value, annotation=annotation):
                is_alias = "TypeAlias" in ast.unparse(annotation)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                is_alias = isinstance(value, ast.Attribute | ast.Subscript)
            case _:
                continue
        last = lines[(node.end_lineno or node.lineno) - 1]
        _, behind, trailing = last[node.end_col_offset or 0 :].partition("# ")
        yield name, Definition(value, trailing if behind else _comment_above(lines, node.lineno - 1), is_alias)


def _comment_above(lines: Sequence[str], at: int) -> str:
    first = at
    while first and lines[first - 1].startswith("# "):
        first -= 1
    return " ".join(line.removeprefix("# ") for line in lines[first:at])


class _Plain(ast.NodeTransformer):
    """Put the meaning of a private alias in its place, and that of a name without a page."""

    def visit_Name(self, node: ast.Name) -> ast.expr:
        found = _definitions().get(node.id)
        is_private = node.id.startswith("_") or node.id in {"Names", "Pairs", "RetryAfter", "JsonObject"}
        if node.id in _MEANS:
            return ast.parse(_MEANS[node.id], mode="eval").body
        if found and found.is_alias and is_private:
            return _plain(found.value)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        means = _MEANS.get(ast.unparse(node))
        return ast.parse(means, mode="eval").body if means else node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        inner = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) else node.slice
        means = _MEANS_OF.get(ast.unparse(node.value))
        if means:
            return ast.parse(means.format(_written(inner)), mode="eval").body
        return ast.Subscript(_plain(node.value), _plain(node.slice))


def _plain(node: ast.expr) -> ast.expr:
    plain: ast.expr = _Plain().visit(node)
    return plain


def _written(node: ast.expr) -> str:
    return ast.unparse(_plain(node))


def _parameters(kind: type[Any]) -> dict[str, tuple[str, str]]:
    """Find the type and the default of each field, in the signature that type checkers see."""
    found: dict[str, tuple[str, str]] = {}
    for base in reversed(kind.__mro__):
        try:
            tree = ast.parse(textwrap.dedent(inspect.getsource(base)))
        except (OSError, TypeError):
            continue
        for node in ast.walk(tree):
            match node:
                case ast.FunctionDef(name="__init__", args=arguments):
                    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
                        if argument.annotation:
                            found[argument.arg] = _written(argument.annotation), ast.unparse(default) if default else ""
                case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=default):
                    found.setdefault(name, (_written(annotation), ast.unparse(default) if default else ""))
    return found


def _fields(kind: type[Any]) -> list[str]:
    """Write each field as an attribute: its type, its default and its text."""
    parameters = _parameters(kind)
    lines: list[str] = []
    for name, text in vars(kind)["__doc__"].fields(kind).items():
        type_, default = parameters.get(name, ("", ""))
        lines += ["", f".. py:attribute:: {name}"]
        lines += [f"   :type: {type_}"] if type_ else []
        lines += [f"   :value: {default}"] if default else []
        lines += ["", *(f"   {line}" for line in text.split("\n"))]
    return [*lines, ""]


def _members(kind: type[Enum]) -> list[str]:
    """List the members of an enumeration in their order; write what each member has, except its own properties."""
    names = [f"``{name}``" for name in kind.__members__]
    lines = ["", f"Members: {', '.join(names)}.", ""]
    for base in kind.__mro__:
        if not base.__module__.startswith("snaptasks."):
            break
        texts = ModuleAnalyzer.for_module(base.__module__).find_attr_docs()
        for name, type_ in inspect.get_annotations(base).items():
            if text := texts.get((base.__name__, name)):
                lines += [f".. py:attribute:: {name}", f"   :type: {type_}", "", *(f"   {line}" for line in text)]
        for name, found in vars(base).items():
            if isinstance(found, property) and base is not kind:  # autodoc writes those of the class itself
                type_ = inspect.get_annotations(found.fget)["return"] if found.fget else ""
                text = inspect.getdoc(found) or ""
                lines += [
                    f".. py:property:: {name}",
                    f"   :type: {type_}",
                    "",
                    *(f"   {line}" for line in text.split("\n")),
                    "",
                ]
    return lines


def _constant(name: str, value: object) -> list[str]:
    """Write the comment of a constant or an alias; of an alias also what it stands for."""
    found = _definitions()[name.rpartition(".")[2]]
    comment = re.sub(r"(?<!`)\b(?:MAX_[A-Z_]+|[A-Z_]{6,})\b(?!`)", r"``\g<0>``", found.comment)
    lines = ["", comment[:1].upper() + comment[1:], ""] if comment else [""]
    if comment and not comment.endswith((".", ":")):
        lines[1] += "."
    if found.is_alias:
        written = _written(found.value)
        _refuse_internal(written)
        lines += [f"Stands for ``{written}``.", ""]
    elif isinstance(value, frozenset):
        lines += [f"Members: {', '.join(f'``{member}``' for member in sorted(value))}.", ""]
    return lines


def _keep(app: Sphinx, what: str, name: str, value: Any, options: Any, lines: list[str]) -> None:
    """Keep the text of a property from napoleon, which takes what stands before a colon for its type."""
    if what == "property":
        _texts[name] = [*lines]


_texts: Final[dict[str, list[str]]] = {}


def _document(app: Sphinx, what: str, name: str, value: Any, options: Any, lines: list[str]) -> None:
    if what == "property":
        lines[:] = _texts.pop(name)
    elif what == "class" and hasattr(value, "__pydantic_fields__") and "Fields:" in lines:
        lines[lines.index("Fields:") :] = _fields(value)
    elif what == "class" and issubclass(value, Enum):
        lines += _members(value)
    elif what == "data" and inspect.isclass(value) and value.__module__.startswith("snaptasks."):
        lines[:] = [f"Another name of :py:class:`{value.__name__} <{value.__module__}.{value.__name__}>`.", ""]
    elif what == "data":
        lines[:] = _constant(name, value)


def _skip(app: Sphinx, what: str, name: str, member: Any, skip: bool, options: Any) -> bool | None:
    """Leave out what the fields say already, what Value says for every value, and what pydantic and Enum add."""
    if what != "class":
        return None
    function = member.fget if isinstance(member, property) else getattr(member, "__func__", member)
    kind = getattr(function, "__qualname__", "").partition(".")[0]
    of_every_value = name in _OF_EVERY_VALUE and kind not in {"Value", "Readable", "Grants"}
    is_field = not inspect.isroutine(member) and not isinstance(member, property)
    return True if of_every_value or is_field or name.startswith("_") else None


def _sign(
    app: Sphinx, what: str, name: str, value: Any, options: Any, signature: str | None, returns: str | None
) -> tuple[str | None, str | None] | None:
    """Leave out the signatures that say nothing: the text of a value, an enumeration, a protocol or an error says more."""
    if what in {"class", "exception"}:
        is_error = issubclass(value, snaptasks.Error) and value is not snaptasks.Error
        if is_error or issubclass(value, Enum) or _is_protocol(value) or hasattr(value, "__pydantic_fields__"):
            return "", ""
    return signature and signature.replace("<factory>", "..."), returns


def _is_protocol(kind: type[Any]) -> bool:
    """Decide whether a class is a protocol."""
    return bool(vars(kind).get("_is_protocol", False))


def _mend(app: Sphinx, domain: str, kind: str, content: addnodes.desc_content) -> None:
    """Show a signature as a caller needs it, and the text of an alias once."""
    for paragraph in [*content.findall(nodes.paragraph)]:
        if paragraph.parent is content:
            _leave_out_alias(paragraph)
    for parameters in content.parent.findall(addnodes.desc_parameterlist):
        if len(parameters) == 1:  # one parameter needs no line of its own
            parameters["multi_line_parameter_list"] = False
        for default in parameters.findall(
            lambda node: "default_value" in getattr(node, "attributes", {}).get("classes", ())
        ):
            found = _definitions().get(default.astext())
            if found and isinstance(found.value, ast.Constant):
                default.clear()
                default.append(nodes.Text(ast.unparse(found.value)))
    for signature in content.parent.findall(addnodes.desc_signature):
        for reference in [*signature.findall(addnodes.pending_xref)]:
            name = reference["reftarget"].rpartition(".")[2]
            if name.startswith("_"):  # the variable of a type: V, not _V
                reference.replace_self(nodes.Text(name.removeprefix("_")))
            elif hasattr(builtins, name):  # else `type` would lead to the field of that name
                reference.replace_self(nodes.Text(name))
        _refuse_internal(signature.astext())


def _leave_out_alias(paragraph: nodes.paragraph) -> None:
    """Cut what autodoc adds to the text of an alias: "alias of ...", on a line of its own."""
    for text in [*paragraph.findall(nodes.Text)]:
        before, found, _ = f"\n{text}".rpartition("\nalias of ")
        if found and text.parent is paragraph:
            del paragraph.children[paragraph.index(text) :]
            if before:
                paragraph.append(nodes.Text(before.strip()))
            break
    if not paragraph.children:
        paragraph.parent.remove(paragraph)


def _refuse_internal(text: str) -> None:
    """Warn of a text that shows a name which is not public; a build takes warnings for errors."""
    if internal := _INTERNAL.search(text):
        _log.warning("the API pages show %s in: %s", internal[0], text)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the steps; `_keep` comes before napoleon, and `_document` after it."""
    app.connect("autodoc-process-docstring", _keep, priority=400)
    app.connect("autodoc-process-docstring", _document, priority=600)
    app.connect("autodoc-process-signature", _sign)
    app.connect("autodoc-skip-member", _skip)
    app.connect("object-description-transform", _mend)
    return {"parallel_read_safe": True}
