from typing import Annotated

from fastapi import FastAPI, Query
from pydantic_settings import BaseSettings
from snaptasks import FilterSpec, Grants, ListItem, ListResult, TaskIndex, list_tasks

class Settings(BaseSettings):
    visibility: Grants = Grants([])  # VISIBILITY='[{"users": ["CORP\\ops-team"]}]'

app = FastAPI()
tasks = TaskIndex()

@app.post("/load")
def load(items: list[ListItem]) -> int:
    for item in items:
        tasks.put(item)
    return len(tasks)

@app.get("/tasks")
def find(filter: Annotated[FilterSpec, Query()]) -> ListResult:
    return list_tasks(tasks, filter, visibility=Settings().visibility)
