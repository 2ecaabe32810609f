// A client as openapi-typescript and openapi-fetch make it: asks the server at the URL that it is given, and writes what it got as JSON.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

declare const process: { argv: string[] };

const baseUrl = process.argv[2];
const client = createClient<paths>({ baseUrl, headers: { Authorization: "Bearer ops" } });
const stranger = createClient<paths>({ baseUrl });

const list = (status: components["schemas"]["Snapservice.Tasks.Status"][]) =>
  client.GET("/snapservice/tasks", { params: { query: { status, services: ["com.vmware.snapservice.sites", "odd"] } } });
const get = (task: string) => client.GET("/snapservice/tasks/{task}", { params: { path: { task } } });

const listed = await list(["FAILED", "SUCCEEDED"]);
const got = await get("b/c");
const missing = await get("hidden b/c");
const nobody = await stranger.GET("/snapservice/tasks");
// @ts-expect-error: a filter takes known statuses alone
const broken = await list(["BROKEN"]);

// A newer server may answer other statuses.
const newer: components["schemas"]["Snapservice.Tasks.Info"]["status"] = "FROZEN";

// Each field is read by its name, so that the compiler holds it against the document.
const first = listed.data?.items[0];
const failure = listed.data?.items.find((item) => item.info.status === "FAILED")?.info.error;
const told = (error: components["schemas"]["Vapi.Std.Errors.Error"] | undefined) => ({
  error_type: error?.error_type,
  message: error?.messages[0]?.default_message,
  data: error?.data,
  challenge: error?.challenge,
});
console.log(
  JSON.stringify({
    newer,
    listed: listed.data?.items.map((item) => [item.task, item.info.status]),
    first: [first?.info.description.default_message, first?.info.progress?.completed, first?.info.start_time],
    failure: told(failure),
    got: [got.data?.user, got.data?.status, got.data?.description.args.length],
    missing: { status: missing.response.status, ...told(missing.error) },
    nobody: { status: nobody.response.status, ...told(nobody.error) },
    broken: { status: broken.response.status, ...told(broken.error) },
  }),
);
