"""Provide hypothesis strategies: valid data, and data that breaks one named rule.

Identifiers come from few names, so that filters match. Some of them are look-alikes, which folding, trimming and
normalising would confuse (F-5). Every value type is registered for `st.from_type`.
"""

from __future__ import annotations

from typing import Any, Final

from ... import (
    ArgumentLocations,
    Caller,
    CommonInfo,
    DateTimeFormat,
    DynamicID,
    Error,
    ErrorType,
    ErrorValue,
    FileLocations,
    FilterSpec,
    Grants,
    Info,
    ListItem,
    ListResult,
    LocalizableMessage,
    LocalizationParam,
    NestedLocalizableMessage,
    Progress,
    Status,
    TransientIndication,
    Value,
)

try:
    from hypothesis import strategies as st
except ModuleNotFoundError as _missing:
    raise ModuleNotFoundError(
        "snaptasks.testing.strategies needs hypothesis: pip install 'snaptasks[testing]'", name=_missing.name
    ) from _missing

from .calls import hostile_calls as hostile_calls
from .invalid import (
    Invalid as Invalid,
    invalid_filter_specs as invalid_filter_specs,
    invalid_infos as invalid_infos,
    invalid_list_items as invalid_list_items,
    invalid_query_strings as invalid_query_strings,
)
from .tasks import (
    callers as callers,
    common_infos as common_infos,
    filter_specs as filter_specs,
    grants as grants,
    infos as infos,
    list_items as list_items,
    list_results as list_results,
    populations as populations,
    query_strings as query_strings,
)
from .values import (
    Strategy as Strategy,
    argument_locations as argument_locations,
    date_time_formats as date_time_formats,
    doubles as doubles,
    dynamic_ids as dynamic_ids,
    error_types as error_types,
    error_values as error_values,
    errors as errors,
    file_locations as file_locations,
    identifiers as identifiers,
    instants as instants,
    int64s as int64s,
    json_objects as json_objects,
    json_values as json_values,
    localizable_messages as localizable_messages,
    localization_params as localization_params,
    nested_messages as nested_messages,
    progresses as progresses,
    statuses as statuses,
    texts as texts,
    transient_indications as transient_indications,
)


def values() -> Strategy[Value]:
    """Draw values of every type."""
    return st.one_of(*_OF_EACH_KIND.values())


_OF_EACH_KIND: Final[dict[type[Value], Strategy[Any]]] = {
    NestedLocalizableMessage: nested_messages(),
    LocalizationParam: localization_params(),
    LocalizableMessage: localizable_messages(),
    DynamicID: dynamic_ids(),
    ArgumentLocations: argument_locations(),
    FileLocations: file_locations(),
    TransientIndication: transient_indications(),
    Progress: progresses(),
    ErrorValue: error_values(),
    CommonInfo: common_infos(),
    Info: infos(),
    ListItem: list_items(),
    ListResult: list_results(),
    FilterSpec: filter_specs(),
    Caller: callers(),
}

_BY_TYPE: Final[dict[type[Any], Strategy[Any]]] = {
    **_OF_EACH_KIND,
    Status: statuses(),
    ErrorType: error_types(),
    DateTimeFormat: date_time_formats(),
    Grants: grants(),
    Error: errors(),
}
for _kind, _strategy in _BY_TYPE.items():
    st.register_type_strategy(_kind, _strategy)

__all__ = [
    "Invalid",
    "Strategy",
    "argument_locations",
    "callers",
    "common_infos",
    "date_time_formats",
    "doubles",
    "dynamic_ids",
    "error_types",
    "error_values",
    "errors",
    "file_locations",
    "filter_specs",
    "grants",
    "hostile_calls",
    "identifiers",
    "infos",
    "instants",
    "int64s",
    "invalid_filter_specs",
    "invalid_infos",
    "invalid_list_items",
    "invalid_query_strings",
    "json_objects",
    "json_values",
    "list_items",
    "list_results",
    "localizable_messages",
    "localization_params",
    "nested_messages",
    "populations",
    "progresses",
    "query_strings",
    "statuses",
    "texts",
    "transient_indications",
    "values",
]
