"""What the signature of a value that is asked says, which frameworks make parameters of.

Decides that they make none. Does not know any framework.
"""

from __future__ import annotations

from inspect import Signature
from typing import Annotated, Any, NoReturn

__all__ = ["NoParameter", "WithoutParameters"]


class NoParameter:
    """Said of a field in a signature: it is not a parameter by itself.

    A framework that makes parameters of a signature takes sets for the body of a request. A filter in the query would be
    dropped without a word, and everything be listed; and who calls could say who calls.
    """

    @classmethod
    def __get_pydantic_core_schema__(cls, *_: object) -> NoReturn:
        raise TypeError(
            "the fields of a FilterSpec or a Caller cannot be parameters of their own, which would drop the query; "
            "declare a filter as Annotated[FilterSpec, Query()] or read it with parse_filter, and make the Caller yourself"
        )


class WithoutParameters:
    """The signature of a model, of which no framework can make parameters through pydantic; made when someone asks."""

    def __init__(self, own: Any) -> None:
        self._own = own

    def __get__(self, model: object, kind: type[Any]) -> Signature:
        signature: Signature = self._own.__get__(None, kind)
        parameters = signature.parameters.values()
        return signature.replace(
            parameters=[each.replace(annotation=Annotated[each.annotation, NoParameter]) for each in parameters]
        )
