import django_app as service_app  # type: ignore[import-not-found]  # in this directory
from snaptasks import rest
from werkzeug.test import Client  # of any WSGI app; the client of Django keeps no raw target

client = Client(service_app.app)

def send(method: str, target: str, body: bytes = b"", token: str = "ops") -> rest.Response:
    headers = {"Authorization": f"Bearer {token}"}
    answer = client.open(target, method=method, data=body, headers=headers)
    return rest.Response(answer.status_code, tuple(answer.headers), answer.data)
