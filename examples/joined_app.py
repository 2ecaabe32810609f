from fastapi import Depends, FastAPI
from fastapi.security import HTTPBearer
from snaptasks import rest

class App(FastAPI):
    def openapi(self):
        document, tasks = super().openapi(), rest.openapi()
        for path, operations in tasks["paths"].items():
            operations["get"]["security"] = [{"HTTPBearer": []}]  # FastAPI's name for the scheme of its own routes
            document["paths"][f"/api{path}"] = operations
        document.setdefault("components", {}).setdefault("schemas", {}).update(tasks["components"]["schemas"])
        return document

app = App()

@app.get("/hosts/{name}", dependencies=[Depends(HTTPBearer())])
def host(name: str) -> dict[str, str]:
    return {"name": name}
