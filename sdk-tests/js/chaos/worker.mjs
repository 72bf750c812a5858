// A worker for the bank, to be killed. It connects again by itself when the server goes away.
import { addTo } from "./bank.mjs";
import { newWorker } from "../harness.mjs";

const worker = newWorker({ options: { "grpc.max_reconnect_backoff_ms": 500 } });
addTo(worker);
await worker.start();
console.log("started");
