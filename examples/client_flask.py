import flask_app as service_app  # type: ignore[import-not-found]  # in this directory
from snaptasks import rest

client = service_app.app.test_client()

def send(method: str, target: str, body: bytes = b"", token: str = "ops") -> rest.Response:
    headers = {"Authorization": f"Bearer {token}"}
    answer = client.open(target, method=method, data=body, headers=headers)
    return rest.Response(answer.status_code, tuple(answer.headers), answer.data)
