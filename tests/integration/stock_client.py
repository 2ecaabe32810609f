"""Connect VMware's own client, from its published package, and convert its results to JSON trees.

Decides how the client authenticates and connects. Does not know snaptasks: the client receives only a URL.
"""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any

import requests

with warnings.catch_warnings():  # of the SDK, about the Python version
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

# The errors that the client raises: one of the 25, one without a class in its stub, and an invalid JSON-RPC response.
StandardError: type[Exception] = VapiError
UnknownError: type[Exception] = UnresolvedError
ProtocolError: type[Exception] = JsonRpc20Error

# The security context of each way to authenticate.
SECURITY: dict[str, Callable[..., Any]] = {
    "session": create_session_security_context,
    "oauth": create_oauth_security_context,
    "saml": create_saml_bearer_security_context,
    "password": create_user_password_security_context,
}


@contextmanager
def connected(url: str, security: Any = None, configuration: str = "new_std_configuration") -> Iterator[Any]:
    """Yield the client's Tasks, connected as in the vendor's samples.

    Args:
        url: The address of the server.
        security: A security context; None sends no credentials.
        configuration: The name of a method of StubConfigurationFactory.
    """
    with requests.Session() as session:
        security_filter = LegacySecurityContextFilter(security_context=security)
        connector = get_requests_connector(session=session, url=url, provider_filter_chain=[security_filter])
        config = getattr(StubConfigurationFactory, configuration)(connector)
        yield ApiClient(StubFactory(config)).Tasks


def data_as(error: Any, name: str) -> Any:
    """Return the data of an error, converted through the named class of the client."""
    return tree_of(error.data.convert_to(getattr(errors_client, name)))


def tree_of(value: Any) -> Any:
    """Return a decoded value as the JSON tree that REST uses for it."""
    if type(value) is VapiStruct:  # data of an error, of any shape
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
