"""VMware's own client, as its package brings it: how it is connected, and what it makes of an answer.

It knows nothing of snaptasks: it gets an address, and what says who asks.
"""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any

import requests

with warnings.catch_warnings():  # the SDK's own, about Python
    warnings.simplefilter("ignore")
    from com.vmware.snapservice_client import StubFactory, Tasks
    from com.vmware.vapi.std import errors_client
    from vmware.vapi.bindings.error import UnresolvedError, VapiError
    from vmware.vapi.bindings.struct import VapiStruct
    from vmware.vapi.bindings.stub import ApiClient
    from vmware.vapi.data.serializers.jsonrpc import JsonRpc20Error
    from vmware.vapi.data.value import DataValue, ListValue, OptionalValue, StructValue
    from vmware.vapi.lib.connect import get_requests_connector
    from vmware.vapi.security.client.security_context_filter import LegacySecurityContextFilter
    from vmware.vapi.security.oauth import create_oauth_security_context
    from vmware.vapi.security.session import create_session_security_context
    from vmware.vapi.security.sso import create_saml_bearer_security_context
    from vmware.vapi.security.user_password import create_user_password_security_context
    from vmware.vapi.stdlib.client.factories import StubConfigurationFactory

FilterSpec: Any = Tasks.FilterSpec

# What the client raises: one of the 25, the one of which its stub knows no class, and what is no answer to a call.
Refusal: type[Exception] = VapiError
Unresolved: type[Exception] = UnresolvedError
NoAnswer: type[Exception] = JsonRpc20Error

# Each way to say who asks.
SECURITY: dict[str, Callable[..., Any]] = {
    "session": create_session_security_context,
    "oauth": create_oauth_security_context,
    "saml": create_saml_bearer_security_context,
    "password": create_user_password_security_context,
}


@contextmanager
def connected(url: str, security: Any = None, configuration: str = "new_std_configuration") -> Iterator[Any]:
    """The tasks as the client offers them, connected as the vendor's samples do it."""
    with requests.Session() as session:
        security_filter = LegacySecurityContextFilter(security_context=security)
        connector = get_requests_connector(session=session, url=url, provider_filter_chain=[security_filter])
        config = getattr(StubConfigurationFactory, configuration)(connector)
        yield ApiClient(StubFactory(config)).Tasks


def data_as(refusal: Any, name: str) -> Any:
    """The data of an error as a class of the client's own has it."""
    return tree_of(refusal.data.convert_to(getattr(errors_client, name)))


def tree_of(value: Any) -> Any:
    """What the client has decoded, as the JSON tree that REST has for it."""
    if type(value) is VapiStruct:  # data of an error, whatever its shape
        return _opaque(value.get_struct_value())
    if isinstance(value, VapiStruct):
        fields = {name: value.get_field(name) for name in value.get_binding_type().get_field_names()}
        return {name: tree_of(field) for name, field in fields.items() if field is not None}
    if isinstance(value, DataValue):  # a result
        return _opaque(value)
    if isinstance(value, datetime):
        return f"{value.isoformat(timespec='milliseconds')}Z"
    if isinstance(value, list):
        return [tree_of(element) for element in value]
    if isinstance(value, dict):
        return {key: tree_of(element) for key, element in value.items()}
    return float(value) if isinstance(value, Decimal) else value


def _opaque(value: Any) -> Any:
    if isinstance(value, StructValue):
        return {name: _opaque(field) for name, field in value.get_fields()}
    if isinstance(value, ListValue):
        return [_opaque(element) for element in value]
    if isinstance(value, OptionalValue):
        return None if value.value is None else _opaque(value.value)
    return float(value.value) if isinstance(value.value, Decimal) else value.value
