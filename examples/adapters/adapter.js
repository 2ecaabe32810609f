let tasks = []; // yours: the store that is checked
const FIELDS = { operations: "operation", services: "service", status: "status", users: "user" };

function matches(filter, item) {
  return Object.entries(filter).every(([field, members]) =>
    members.length === 0 || members.includes(field === "tasks" ? item.task : item.info[FIELDS[field]]));
}

function visible(caller) {
  return tasks.filter((item) => caller.sees === "everything" || caller.sees.some((grant) => matches(grant, item)));
}

function error(status, type) {
  return { status, body: { error_type: type, messages: [] } };
}

function answer({ do: wanted, caller, task, filter }) {
  if (caller === null) return error(401, "UNAUTHENTICATED");
  if (!caller.privileges.includes("System.Read")) return error(403, "UNAUTHORIZED");
  if (wanted === "get") {
    const found = visible(caller).find((item) => item.task === task);
    return found ? { status: 200, body: found.info } : error(404, "NOT_FOUND");
  }
  const found = visible(caller).filter((item) => matches(filter, item));
  return found.length > 1000 ? error(500, "RESOURCE_INACCESSIBLE") : { status: 200, body: { items: found } };
}

require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const asked = JSON.parse(line);
  let reply = {};
  if (asked.do === "hello") reply = { lacks: { queries: "it takes filters", request: "it knows no HTTP" } };
  else if (asked.do === "load") tasks = asked.tasks;
  else reply = answer(asked);
  console.log(JSON.stringify(reply));
});
