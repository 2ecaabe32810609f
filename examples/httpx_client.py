from urllib.parse import quote
import httpx
from snaptasks import FilterSpec, NotFound, format_filter, rest

URL = "http://127.0.0.1:8000/api/snapservice/tasks"
HEADERS = {"Authorization": "Bearer ops"}

def list_tasks(spec: FilterSpec):
    answer = httpx.get(f"{URL}?{format_filter(spec)}", headers=HEADERS)
    return rest.read_list(answer.status_code, answer.headers, answer.content).items

async def status_of(task: str):
    async with httpx.AsyncClient(headers=HEADERS) as client:
        # A . or .. would change the path.
        answer = await client.get(f"{URL}/{quote(task, safe='').replace('.', '%2E')}")
    try:
        return rest.read_info(answer.status_code, answer.headers, answer.content).status
    except NotFound:
        return None
