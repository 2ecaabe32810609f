"""What the signature of a value that is asked says, which frameworks make parameters of.

Decides that they make none. Does not know any framework.
"""

from __future__ import annotations

from collections.abc import Mapping
from inspect import Parameter, Signature
from typing import NoReturn

from pydantic.fields import FieldInfo

__all__ = ["GivenByKeyword", "signature_of"]


class GivenByKeyword:
    """What a field takes, in a signature.

    A framework that makes parameters of a signature takes sets for the body of a request. A filter in the query would be
    dropped without a word, and everything be listed; a caller could be named by who calls. So no parameter is made.
    """

    @classmethod
    def __get_pydantic_core_schema__(cls, *_: object) -> NoReturn:
        raise TypeError(
            "the fields of a FilterSpec or a Caller cannot be parameters of their own, which would drop the query; "
            "declare a filter as Annotated[FilterSpec, Query()] or read it with parse_filter, and make the Caller yourself"
        )


def signature_of(fields: Mapping[str, FieldInfo]) -> Signature:
    """Make the signature of a model: its fields as keywords."""
    return Signature(
        [
            Parameter(
                name,
                Parameter.KEYWORD_ONLY,
                annotation=GivenByKeyword,
                default=Parameter.empty if field.is_required() else field.default,
            )
            for name, field in fields.items()
        ]
    )
