import io
import logging
from pathlib import Path
import pytest
import requests
from com.vmware.snapservice_client import Tasks
from com.vmware.vapi.std import errors_client
from snaptasks import (EVERYTHING, SYSTEM_READ, Caller, FilterSpec, Grants, ListResult, LocalizableMessage,
    ServiceUnavailable, jsonrpc)
from vmware.vapi.lib.connect import get_requests_connector
from vmware.vapi.security.session import create_session_security_context
from vmware.vapi.stdlib.client.factories import StubConfigurationFactory

# For conftest.py: an appliance without a socket. Every session of requests reaches it, at every address.

class Appliance:
    def __init__(self):
        self.tasks, self.failure = [], None  # the tasks, or an exception to raise
        self.caller, self.visible = Caller(user="ops", privileges={SYSTEM_READ}), EVERYTHING  # for any credential
        self.service = jsonrpc.Service(self.candidates, visibility=lambda caller: self.visible,
            authenticate=lambda call: self.caller if call.security else None, on_error=logging.exception)

    def candidates(self, filter):
        if self.failure:
            raise self.failure
        return self.tasks

    def answer(self, request):
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else body
        answer = self.service.handle(jsonrpc.Request(request.method, request.path_url, request.headers, body))
        response = requests.Response()
        response.status_code, response.raw = answer.status, io.BytesIO(answer.body)
        response.headers.update(answer.headers)
        return response

@pytest.fixture
def appliance(monkeypatch):
    appliance = Appliance()
    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send",
        lambda adapter, request, **options: appliance.answer(request))
    return appliance

# A script and its tests.

def failed_tasks(url, session_id):
    connector = get_requests_connector(requests.Session(), url=url)
    connector.set_security_context(create_session_security_context(session_id))
    tasks = Tasks(StubConfigurationFactory.new_std_configuration(connector))
    return [item.task for item in tasks.list(Tasks.FilterSpec(status={"FAILED"})).items]

URL = "https://appliance.example.com/snapservice"
FAILED = [item for item in ListResult.from_json(Path("tasks.json").read_bytes()) if item.info.status == "FAILED"]

def test_failed_tasks_of_a_caller_with_a_grant_are_its_own(appliance):
    appliance.tasks, appliance.visible = FAILED, Grants([FilterSpec(users={"CORP\\ops-team"})])
    assert len(failed_tasks(URL, "session-1")) == 3

def test_failed_tasks_past_1000_raise_resource_inaccessible(appliance):
    appliance.tasks = [FAILED[0].evolve(task=f"task-{number}") for number in range(1001)]
    with pytest.raises(errors_client.ResourceInaccessible):
        failed_tasks(URL, "session-1")

def test_failed_tasks_of_an_ended_session_raise_unauthenticated(appliance):
    appliance.caller = None
    with pytest.raises(errors_client.Unauthenticated):
        failed_tasks(URL, "session-1")

def test_failed_tasks_of_a_stopped_appliance_raise_service_unavailable(appliance):
    appliance.failure = ServiceUnavailable(LocalizableMessage(id="com.example.down", default_message="It is down."))
    with pytest.raises(errors_client.ServiceUnavailable):
        failed_tasks(URL, "session-1")
