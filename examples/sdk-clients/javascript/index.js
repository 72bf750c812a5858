// Starts orchestrations of three kinds, waits for all, and prints what came of them. Kill the server
// meanwhile and start it again: everything goes on where it was.
//
// Arguments: the server's port (4001) and how many to start of each kind (5).
import {
  EntityInstanceId,
  NoOpLogger,
  OrchestrationStatus,
  TaskHubGrpcClient,
  TaskHubGrpcWorker,
} from "@microsoft/durabletask-js";
import { addTo } from "./functions.js";
import { ask, reach, start } from "./server.js";

const [port = 4001, count = 5] = process.argv.slice(2).map(Number);
const options = {
  hostAddress: `localhost:${port}`,
  logger: new NoOpLogger(),
  // Otherwise gRPC waits up to two minutes before it looks again whether the server is back.
  options: { "grpc.max_reconnect_backoff_ms": 1000 },
};
const client = new TaskHubGrpcClient(options);
await reach(client, options.hostAddress);
const worker = new TaskHubGrpcWorker(options);
addTo(worker);
await worker.start(); // from here on it connects again by itself, whenever it has to

const now = () => new Date().toTimeString().slice(0, 8) + "." + String(Date.now() % 1000).padStart(3, "0");
const run = new Date().toTimeString().slice(0, 8);
const id = (name, number) => `${name}-${number}@${run}`;
const numbers = Array.from({ length: count }, (_, i) => i + 1);

for (const i of numbers) {
  await start(client, "helloSequence", id("hello", i), { cities: ["Tokyo", "London", "Seattle"], counter: run });
  await start(client, "fanOut", id("fan-out", i), 10 * i);
  await start(client, "approval", id("approval", i), i % 2 === 0 ? 3600 : 2);
}
console.log(`${now()}  started ${count} of each kind`);

// Every second one is approved; for the others a timer fires first.
for (const i of numbers.filter((number) => number % 2 === 0)) {
  await ask(() => client.raiseOrchestrationEvent(id("approval", i), "decision", "approved by Grace"));
}

let wrong = 0;
for (const name of ["hello", "fan-out", "approval"]) {
  for (const i of numbers) {
    const state = await ask(() => client.waitForOrchestrationCompletion(id(name, i), true, 3600));
    const well = state.runtimeStatus === OrchestrationStatus.COMPLETED;
    console.log(`${now()}  ${id(name, i)}: ${well ? JSON.parse(state.serializedOutput) : state.failureDetails?.message}`);
    wrong += well ? 0 : 1;
  }
}

const counter = await ask(() => client.getEntity(new EntityInstanceId("counter", run)));
console.log(`${now()}  the counter says that ${counter?.state.value} of ${count} have said hello`);
wrong += counter?.state.value === count ? 0 : 1;
console.log(`${now()}  ${wrong === 0 ? "all" : "not all"} ended well`);
await worker.stop();
await client.stop();
process.exit(wrong === 0 ? 0 : 1);
