import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  EntityInstanceId,
  TaskEntity,
  VersionFailureStrategy,
  VersionMatchStrategy,
} from "@microsoft/durabletask-js";
import {
  client,
  completed,
  endedAs,
  eventually,
  leave,
  newWorker,
  output,
  run,
  sleep,
  start,
  status,
  unique,
  withWorker,
} from "../harness.mjs";

const echo = async function* (ctx, input) {
  return [input, ctx.version];
};

// One after the other: workers without filters would take each other's work.
describe("workers", { concurrency: 1 }, () => {
  test("several share the work", async () => {
    const served = [new Set(), new Set(), new Set()];
    const [name, step] = [unique("shared"), unique("step")];
    const workers = await Promise.all(
      served.map(async (instances) => {
        const worker = newWorker();
        worker.addNamedOrchestrator(name, async function* (ctx, n) {
          return (yield ctx.callActivity(step, n)) + (yield ctx.callActivity(step, n));
        });
        worker.addNamedActivity(step, async (ctx, n) => {
          instances.add(ctx.orchestrationId);
          await sleep(20);
          return n;
        });
        await worker.start();
        return worker;
      }),
    );
    try {
      const outputs = await Promise.all(Array.from({ length: 30 }, (_, i) => run(name, i)));
      assert.deepEqual(outputs, Array.from({ length: 30 }, (_, i) => 2 * i));
      served.forEach((instances) => assert.ok(instances.size > 0, "a worker had nothing to do"));
    } finally {
      workers.forEach(leave);
    }
  });

  test("what waits is done when one connects, and after that by the next", async () => {
    const waiting = unique("waiting");
    const register = (code) => code.orchestrators.set(waiting, echo);
    const first = await start(waiting, 1);
    assert.equal(await status(first), "PENDING");
    await withWorker({}, register, async () => assert.deepEqual(await output(first), [1, ""]));
    const second = await start(waiting, 2);
    await withWorker({}, register, async () => assert.deepEqual(await output(second), [2, ""]));
  });

  test("what a worker leaves undone is done by another", async () => {
    const [name, step] = [unique("main"), unique("step")];
    const main = async function* (ctx) {
      return yield ctx.callActivity(step);
    };
    let taken;
    const isTaken = new Promise((resolve) => (taken = resolve));
    const id = await start(name);
    const lost = newWorker({ shutdownTimeoutMs: 1 });
    lost.addNamedOrchestrator(name, main);
    lost.addNamedActivity(step, () => {
      taken();
      return new Promise(() => {}); // it never ends
    });
    await lost.start();
    await isTaken;
    leave(lost);
    await withWorker(
      {},
      (code) => {
        code.orchestrators.set(name, main);
        code.activities.set(step, async () => "by the other");
      },
      async () => assert.equal(await output(id), "by the other"),
    );
  });

  test("with filters get what they know, and nothing else", async () => {
    const [known, other] = [unique("known"), unique("other")];
    const [mine, others] = [unique("mine"), unique("others")];
    const entity = () =>
      new (class extends TaskEntity {
        initializeState() {
          return { value: 0 };
        }

        add(n) {
          this.state.value += n;
        }
      })();
    const otherId = await start(other, 1);
    await client.signalEntity(new EntityInstanceId(others, "x"), "add", 1);
    const worker = newWorker({ workItemFilters: "auto" });
    worker.addNamedOrchestrator(known, async function* (ctx, input) {
      return yield ctx.callActivity("double", input);
    });
    worker.addNamedActivity("double", async (_, n) => 2 * n);
    worker.addNamedEntity(mine, entity);
    await worker.start();
    try {
      assert.equal(await run(known, 21), 42);
      await client.signalEntity(new EntityInstanceId(mine, "x"), "add", 1);
      await eventually("the entity", () => client.getEntity(new EntityInstanceId(mine, "x")));
      assert.equal(await status(otherId), "PENDING");
      assert.equal(await client.getEntity(new EntityInstanceId(others, "x")), undefined);
    } finally {
      leave(worker);
    }
    const second = newWorker({ workItemFilters: "auto" });
    second.addNamedOrchestrator(other, echo);
    second.addNamedEntity(others, entity);
    await second.start();
    try {
      assert.deepEqual(await output(otherId), [1, ""]);
      await eventually("the entity", () => client.getEntity(new EntityInstanceId(others, "x")));
    } finally {
      leave(second);
    }
  });

  test("with filters by version get their version, and their activities", async () => {
    const [name, step] = [unique("versioned"), unique("step")];
    const main = async function* (ctx, input) {
      return `${ctx.version}: ${yield ctx.callActivity(step, input)}`;
    };
    const worker = newWorker({
      workItemFilters: "auto",
      versioning: { version: "2.0", matchStrategy: VersionMatchStrategy.Strict },
    });
    worker.addNamedOrchestrator(name, main);
    worker.addNamedActivity(step, async (_, input) => input);
    await worker.start();
    const one = await start(name, "x", { version: "1.0" });
    const none = await start(name, "x");
    try {
      assert.equal(await run(name, "x", { version: "2.0" }), "2.0: x");
      assert.equal(await status(one), "PENDING");
      assert.equal(await status(none), "PENDING");
    } finally {
      leave(worker);
    }
    await withWorker(
      {},
      (code) => {
        code.orchestrators.set(name, main);
        code.activities.set(step, async (_, input) => input);
      },
      async () => {
        assert.equal(await output(one), "1.0: x");
        assert.equal(await output(none), ": x");
      },
    );
  });

  test("that fail other versions do so", async () => {
    const name = unique("versioned");
    const worker = newWorker({
      versioning: {
        version: "1.0",
        matchStrategy: VersionMatchStrategy.CurrentOrOlder,
        failureStrategy: VersionFailureStrategy.Fail,
      },
    });
    worker.addNamedOrchestrator(name, echo);
    await worker.start();
    try {
      const newer = await endedAs("FAILED", await start(name, 1, { version: "2.0" }));
      assert.equal(newer.failureDetails.errorType, "VersionMismatch");
      assert.deepEqual(await run(name, 1, { version: "0.9" }), [1, "0.9"]);
    } finally {
      leave(worker);
    }
  });

  test("that reject other versions leave them to others, and go on", async () => {
    const name = unique("versioned");
    const worker = newWorker({
      versioning: {
        version: "1.0",
        matchStrategy: VersionMatchStrategy.Strict,
        failureStrategy: VersionFailureStrategy.Reject,
      },
    });
    worker.addNamedOrchestrator(name, echo);
    await worker.start();
    const newer = await start(name, "newer", { version: "2.0" });
    let other;
    try {
      assert.deepEqual(await run(name, 1, { version: "1.0" }), [1, "1.0"]);
      assert.equal(await status(newer), "PENDING");
      other = newWorker();
      other.addNamedOrchestrator(name, echo);
      await other.start();
      assert.deepEqual(await output(newer), ["newer", "2.0"]);
    } finally {
      leave(worker);
      if (other) {
        leave(other);
      }
    }
  });

  test("come and go", async () => {
    const name = unique("comeAndGo");
    await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        withWorker(
          {},
          (code) => code.orchestrators.set(name, echo),
          async () => completed(await start(name, i)),
        ),
      ),
    );
  });
});
