import fastapi_app as service_app  # type: ignore[import-not-found]  # in this directory
import httpx
from fastapi.testclient import TestClient
from snaptasks import rest
from snaptasks.testing import OutOfBounds

client = TestClient(service_app.app)

def send(method: str, target: str, body: bytes = b"", token: str = "ops") -> rest.Response:
    headers = {"Authorization": f"Bearer {token}"}
    try:
        answer = client.request(method, target, content=body, headers=headers)
    except httpx.InvalidURL as error:  # past 64 KiB; a server and another client may take more
        raise OutOfBounds(str(error)) from error
    return rest.Response(answer.status_code, tuple(answer.headers.items()), answer.content)
