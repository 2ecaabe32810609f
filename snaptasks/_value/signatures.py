"""Make the signature of a value that is a pydantic model.

Decides that a framework cannot make separate parameters of the fields. Does not know any framework.
"""

from __future__ import annotations

from inspect import Signature
from typing import Annotated, Any, NoReturn

__all__ = ["NoParameter", "WithoutParameters"]


class NoParameter:
    """Mark a field in a signature as not a parameter of its own.

    A framework that makes parameters of a signature expects sets in the body of a request. It would silently drop a
    filter in the query and list everything. It would also let a client choose the user of a Caller.
    """

    @classmethod
    def __get_pydantic_core_schema__(cls, *_: object) -> NoReturn:
        raise TypeError(
            "the fields of a FilterSpec or a Caller must not be separate parameters, because the query would be "
            "dropped; declare a filter as Annotated[FilterSpec, Query()] or read it with parse_filter, and build the "
            "Caller yourself"
        )


class WithoutParameters:
    """Hold the signature of a model, made at its first use; no framework can make parameters of it through pydantic."""

    def __init__(self, own: Any) -> None:
        self._own = own

    def __get__(self, model: object, kind: type[Any]) -> Signature:
        signature: Signature = self._own.__get__(None, kind)
        parameters = signature.parameters.values()
        return signature.replace(
            parameters=[each.replace(annotation=Annotated[each.annotation, NoParameter]) for each in parameters]
        )
