# Test the service behind client.py without a server: pytest test_service.py
import pytest
from client import send, service_app  # type: ignore[import-not-found]  # in this directory
from snaptasks import ListResult, TaskIndex, rest
from snaptasks.testing import contract_tests

URL = "/api/snapservice/tasks"

def test_list_has_only_tasks_of_the_caller():
    listed = ListResult.from_json(send("GET", URL).body)
    assert {item.info.user for item in listed} == {"CORP\\ops-team"}

def test_hidden_task_gets_the_answer_of_a_missing_one():
    hidden = next(item for item in service_app.tasks if item.info.user != "CORP\\ops-team")
    answers = [send("GET", f"{URL}/{hidden.task}")]
    service_app.tasks.remove(hidden.task)
    answers.append(send("GET", f"{URL}/{hidden.task}"))
    service_app.tasks.put(hidden)
    assert answers[0].status == answers[1].status == 404
    assert answers[0].body == answers[1].body

@pytest.mark.parametrize(("target", "token", "status"), [
    (f"{URL}?status=FAILED", "ops", 200), (f"{URL}?statuz=FAILED", "ops", 400), (f"{URL}?status=FALED", "ops", 400),
    (URL, "guest", 403), (URL, "other", 401), (f"{URL}/a%2Fb", "ops", 404), (f"{URL}/", "ops", 404),
])
def test_request_gets_the_status(target, token, status):
    assert send("GET", target, token=token).status == status

class App:
    """Ask the app the vectors of the specification, with their tasks and their callers."""

    lacks = {"routes": "other paths belong to the framework"}

    def load(self, items):
        self.tasks = TaskIndex(items)

    def request(self, method, target, body, caller):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(service_app, "service", rest.Service(self.tasks, challenge="Bearer",
                authenticate=lambda asked: caller and caller.caller, visibility=lambda _: caller.visibility))
            return send(method, target, body)

    def list(self, query, caller):
        return self.request("GET", f"{URL}?{query}", b"", caller)

    def get(self, task, caller):
        return self.request("GET", f"{URL}/" + "".join(f"%{byte:02x}" for byte in task.encode()), b"", caller)

TestContract = contract_tests(App, examples=0)
