// Asks the server at a URL through openapi-fetch, with the types of openapi-typescript, and prints what it got as JSON.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

declare const process: { argv: string[] };

const baseUrl = process.argv[2];
const client = createClient<paths>({ baseUrl, headers: { Authorization: "Bearer ops" } });
const stranger = createClient<paths>({ baseUrl });

const services = ["com.vmware.snapservice.sites", "odd"];
const list = (status: components["schemas"]["Snapservice.Tasks.Status"][]) =>
  client.GET("/snapservice/tasks", { params: { query: { status, services } } });
const get = (task: string) => client.GET("/snapservice/tasks/{task}", { params: { path: { task } } });

const listed = await list(["FAILED", "SUCCEEDED"]);
const got = await get("b/c");
const missing = await get("hidden b/c");
const denied = await stranger.GET("/snapservice/tasks");
// @ts-expect-error: a filter takes only known statuses
const broken = await list(["BROKEN"]);

// A newer server may answer other statuses.
const newer: components["schemas"]["Snapservice.Tasks.Info"]["status"] = "FROZEN";

// Each field is read by its name, so that the compiler holds it against the document.
const failure = listed.data?.items.find((item) => item.info.error)?.info.error;
const failed = (answer: { response: Response; error?: components["schemas"]["Vapi.Std.Errors.Error"] }) => ({
  status: answer.response.status,
  error_type: answer.error?.error_type,
  args: answer.error?.messages[0]?.args,
  data: answer.error?.data,
  challenge: answer.error?.challenge,
});
console.log(
  JSON.stringify({
    listed: listed.data?.items.map(({ task, info }) => [task, info.status, info.progress?.completed]),
    failure: [failure?.error_type, failure?.messages[0]?.default_message],
    got: [got.data?.user, got.data?.status],
    newer,
    missing: failed(missing),
    denied: failed(denied),
    broken: failed(broken),
  }),
);
