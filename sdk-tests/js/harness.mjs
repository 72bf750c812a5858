// What the tests share: a client, a worker that runs the code of all tests of a file, and a way to
// write a test next to the orchestrators that it needs.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import {
  NoOpLogger,
  OrchestrationStatus,
  TaskHubGrpcClient,
  TaskHubGrpcWorker,
} from "@microsoft/durabletask-js";

export const ADDRESS = process.env.PERDURE_ADDRESS ?? "localhost:4001";

/** How long, in seconds, anything may take that has nothing to wait for. */
export const PATIENCE = 30;

const logger = new NoOpLogger();

export function newClient(options = {}) {
  return new TaskHubGrpcClient({ hostAddress: ADDRESS, logger, ...options });
}

export function newWorker(options = {}) {
  return new TaskHubGrpcWorker({ hostAddress: ADDRESS, logger, ...options });
}

/** One client is enough for a process. */
export const client = newClient();

/** A text that nobody else has. */
export function unique(name = "test") {
  return `${name}-${randomUUID()}`;
}

/** Collects what a test registers, each under a name of its own. */
class Code {
  orchestrators = new Map();
  activities = new Map();
  entities = new Map();

  /** Registers an orchestrator and returns its name. */
  orchestrator(fn) {
    return this.#add(this.orchestrators, unique("orchestrator"), fn);
  }

  /** Registers an activity and returns its name. */
  activity(fn) {
    return this.#add(this.activities, unique("activity"), fn);
  }

  /** Registers a class of entities and returns its name. */
  entity(type) {
    return this.#add(this.entities, unique("entity"), () => new type());
  }

  #add(map, name, what) {
    map.set(name, what);
    return name;
  }

  addTo(worker) {
    this.orchestrators.forEach((fn, name) => worker.addNamedOrchestrator(name, fn));
    this.activities.forEach((fn, name) => worker.addNamedActivity(name, fn));
    this.entities.forEach((factory, name) => worker.addNamedEntity(name, factory));
    return worker;
  }
}

/**
 * A group of tests, run at the same time on one worker. `define` gets a function `scenario(name,
 * code => test, options)`; the option `todo` says why it may fail for the time being.
 */
export function scenarios(title, define, { concurrency = 16, options } = {}) {
  describe(title, { concurrency }, () => {
    const code = new Code();
    let worker;
    before(async () => {
      worker = code.addTo(newWorker(options));
      await worker.start();
    });
    after(() => leave(worker));
    define((name, setUp, more) => {
      const run = setUp(code);
      test(name, { timeout: 2 * PATIENCE * 1000, ...more }, run);
    });
  });
}

/** Stops a worker, which takes no more work from now on; nobody has to wait until it has ended. */
export function leave(worker) {
  worker.stop().catch(() => {});
}

/** A worker for one test, which ends with it. */
export async function withWorker(options, register, use) {
  const code = new Code();
  const names = register(code);
  const worker = code.addTo(newWorker(options));
  await worker.start();
  try {
    return await use(names, worker);
  } finally {
    leave(worker);
  }
}

export function start(orchestrator, input, options) {
  return client.scheduleNewOrchestration(orchestrator, input, options);
}

export function get(id) {
  return client.getOrchestrationState(id, true);
}

export async function status(id) {
  return OrchestrationStatus[(await client.getOrchestrationState(id, false)).runtimeStatus];
}

/** Waits until it runs, and its first turn has been recorded. */
export function started(id) {
  return client.waitForOrchestrationStart(id, true, PATIENCE);
}

/** Waits until it ends, however it does. */
export function ended(id) {
  return client.waitForOrchestrationCompletion(id, true, PATIENCE);
}

/** Waits until it ends in this status. */
export async function endedAs(expected, id) {
  const state = await ended(id);
  assert.equal(
    OrchestrationStatus[state.runtimeStatus],
    expected,
    `status of ${id}, which says: ${state.failureDetails?.message}`,
  );
  return state;
}

/** Waits until it ends well. */
export function completed(id) {
  return endedAs("COMPLETED", id);
}

/** Waits until it ends well, and returns its output. */
export async function output(id) {
  const { serializedOutput } = await completed(id);
  return serializedOutput ? JSON.parse(serializedOutput) : undefined;
}

/** Starts it, waits until it ends well, and returns its output. */
export async function run(orchestrator, input, options) {
  return output(await start(orchestrator, input, options));
}

/** Waits until something holds. */
export async function eventually(what, condition, seconds = PATIENCE) {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const result = await condition();
    if (result) {
      return result;
    }
    if (Date.now() > deadline) {
      assert.fail(`waited ${seconds} s in vain for: ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export function eventuallyStatus(id, expected) {
  return eventually(`status ${expected} of ${id}`, async () => (await status(id)) === expected);
}

export function sleep(millis) {
  return new Promise((resolve) => setTimeout(resolve, millis));
}

export async function all(pageable) {
  const values = [];
  for await (const value of pageable) {
    values.push(value);
  }
  return values;
}

/** What a call is refused with. */
export async function refusal(call) {
  try {
    await call();
  } catch (e) {
    return e;
  }
  assert.fail("the call was not refused");
}

/** Lets everybody who arrives wait for the others. */
export class Meeting {
  #missing;
  #everybody;
  #open;

  constructor(count) {
    this.#missing = count;
    this.#everybody = new Promise((resolve) => (this.#open = resolve));
  }

  async arrive() {
    if (--this.#missing === 0) {
      this.#open();
    }
    await Promise.race([
      this.#everybody,
      new Promise((_, reject) => setTimeout(reject, 10_000, new Error("nobody else comes")).unref()),
    ]);
  }
}

export { OrchestrationStatus };

/**
 * Does something that has its time, and returns by how many milliseconds it was late. It must never
 * be early. How late it is depends on the machine as well, so that one of several attempts has to be
 * in time.
 */
export async function punctually(bound, lateness) {
  const late = [];
  do {
    const latest = await lateness();
    assert.ok(latest >= 0, `${-latest} ms too early`);
    late.push(latest);
  } while (late.at(-1) > bound && late.length < 5);
  assert.ok(late.at(-1) <= bound, `late in every attempt: ${late} ms`);
}
