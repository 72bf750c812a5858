import assert from "node:assert/strict";
import { PurgeInstanceCriteria, RetryPolicy } from "@microsoft/durabletask-js";
import {
  OrchestrationStatus,
  all,
  client,
  completed,
  ended,
  endedAs,
  eventually,
  get,
  output,
  refusal,
  scenarios,
  start,
  started,
  status,
  unique,
} from "../harness.mjs";

const fail = async function* () {
  throw new Error("no");
};
const wait = async function* (ctx) {
  return yield ctx.waitForExternalEvent("go");
};
const well = async function* () {
  return "well";
};

/** Starts one of each kind, one after the other, and returns their creation times by name. */
async function startSome(prefix, names) {
  const times = {};
  for (const [name, orchestrator, how] of names) {
    const id = await start(orchestrator, name, prefix + name);
    const state = await (how === "started" ? started(id) : ended(id));
    times[name] = state.createdAt;
    // The next is created in a later millisecond: dates of JavaScript have no more.
    await eventually("the next millisecond", () => Date.now() > state.createdAt.getTime() + 1);
  }
  return times;
}

scenarios("queries", (scenario) => {
  scenario("by status, by creation, by prefix and by all of them", (code) => {
    const [good, bad, waiting] = [well, fail, wait].map((fn) => code.orchestrator(fn));
    return async () => {
      const prefix = `${unique("query")}/`;
      const times = await startSome(prefix, [
        ["a1", good],
        ["a2", bad],
        ["a3", good],
        ["b1", waiting, "started"],
      ]);
      const find = async (filter) =>
        (await all(client.getAllInstances({ instanceIdPrefix: prefix, ...filter })))
          .map((state) => state.instanceId.slice(prefix.length))
          .sort();
      const { COMPLETED, FAILED, RUNNING, SUSPENDED } = OrchestrationStatus;

      assert.deepEqual(await find({}), ["a1", "a2", "a3", "b1"]);
      assert.deepEqual(await find({ statuses: [COMPLETED] }), ["a1", "a3"]);
      assert.deepEqual(await find({ statuses: [FAILED, RUNNING] }), ["a2", "b1"]);
      assert.deepEqual(await find({ statuses: [SUSPENDED] }), []);
      assert.deepEqual(await find({ instanceIdPrefix: `${prefix}a` }), ["a1", "a2", "a3"]);
      const between = new Date(times.a3.getTime() - 1);
      assert.deepEqual(await find({ createdFrom: between }), ["a3", "b1"]);
      assert.deepEqual(await find({ createdTo: between }), ["a1", "a2"]);
      assert.deepEqual(await find({ createdFrom: between, statuses: [COMPLETED] }), ["a3"]);
      assert.deepEqual(await find({ createdFrom: new Date(Date.now() + 60_000) }), []);

      await client.terminateOrchestration(`${prefix}b1`);
      await ended(`${prefix}b1`);
      assert.deepEqual(await find({ statuses: [OrchestrationStatus.TERMINATED] }), ["b1"]);
    };
  });

  scenario("in pages show every instance once", (code) => {
    const good = code.orchestrator(well);
    return async () => {
      const prefix = `${unique("page")}/`;
      await Promise.all(Array.from({ length: 21 }, (_, i) => start(good, i, prefix + i).then(completed)));
      const query = { instanceIdPrefix: prefix, pageSize: 5 };

      const pages = await all(client.getAllInstances(query).asPages());
      assert.deepEqual(pages.map((page) => page.values.length), [5, 5, 5, 5, 1]);
      assert.ok(!pages.at(-1).hasMoreResults);
      const ids = pages.flatMap((page) => page.values.map((state) => state.instanceId));
      assert.equal(new Set(ids).size, 21);

      const rest = await all(client.getAllInstances(query).asPages(pages[1].continuationToken, 4));
      assert.deepEqual(rest.map((page) => page.values.length), [4, 4, 3]);
      assert.equal((await all(client.getAllInstances(query))).length, 21);
    };
  });

  scenario("show input, output and tags on request", (code) => {
    const good = code.orchestrator(well);
    return async () => {
      const id = await start(good, "in", { instanceId: unique("payload"), tags: { a: "b" } });
      await completed(id);
      const [bare] = await all(client.getAllInstances({ instanceIdPrefix: id }));
      assert.ok(!bare.serializedInput && !bare.serializedOutput);
      assert.equal(bare.name, good);
      assert.deepEqual(bare.tags, { a: "b" });
      const [full] = await all(client.getAllInstances({ instanceIdPrefix: id, fetchInputsAndOutputs: true }));
      assert.equal(full.serializedInput, '"in"');
      assert.equal(full.serializedOutput, '"well"');
    };
  });
});

scenarios("lists of ids", (scenario) => {
  scenario("name what has ended, by status and time, page by page", (code) => {
    const [good, bad, waiting] = [well, fail, wait].map((fn) => code.orchestrator(fn));
    return async () => {
      const prefix = `${unique("list")}/`;
      const completedTimeFrom = new Date();
      await startSome(prefix, [
        ["a", good],
        ["b", bad],
        ["c", good],
        ["d", waiting, "started"],
      ]);
      const list = async (options) => {
        const found = [];
        let lastInstanceKey;
        do {
          const page = await client.listInstanceIds({ pageSize: 1, completedTimeFrom, ...options, lastInstanceKey });
          assert.ok(page.values.length <= 1);
          found.push(...page.values);
          lastInstanceKey = page.continuationToken;
        } while (lastInstanceKey);
        return found.filter((id) => id.startsWith(prefix)).map((id) => id.slice(prefix.length));
      };

      assert.deepEqual(await list({}), ["a", "b", "c"]);
      assert.deepEqual(await list({ runtimeStatus: [OrchestrationStatus.COMPLETED] }), ["a", "c"]);
      assert.deepEqual(await list({ runtimeStatus: [OrchestrationStatus.FAILED] }), ["b"]);
      const afterC = new Date((await get(`${prefix}c`)).lastUpdatedAt.getTime() + 1);
      assert.deepEqual(await list({ completedTimeFrom: afterC }), []);
      assert.ok((await client.listInstanceIds({ completedTimeFrom })).values.length >= 3);

      await client.terminateOrchestration(`${prefix}d`);
      await ended(`${prefix}d`);
      assert.deepEqual(await list({}), ["a", "b", "c", "d"]);
    };
  });
}, { concurrency: 1 });

scenarios("history", (scenario) => {
  scenario("holds exactly what happened, in order", (code) => {
    const echo = code.activity(async (_, input) => input);
    const child = code.orchestrator(async function* (ctx, input) {
      return input * 2;
    });
    const main = code.orchestrator(async function* (ctx, input) {
      const one = yield ctx.callActivity(echo, input);
      yield ctx.createTimer(0.05);
      return yield ctx.callSubOrchestrator(child, one);
    });
    return async () => {
      const id = await start(main, 21);
      assert.equal(await output(id), 42);
      const history = await client.getOrchestrationHistory(id);

      assert.deepEqual(
        history.map((event) => [event.type, event.eventId]),
        [
          ["OrchestratorStarted", -1],
          ["ExecutionStarted", -1],
          ["TaskScheduled", 1],
          ["OrchestratorStarted", -1],
          ["TaskCompleted", -1],
          ["TimerCreated", 2],
          ["OrchestratorStarted", -1],
          ["TimerFired", -1],
          ["SubOrchestrationInstanceCreated", 3],
          ["OrchestratorStarted", -1],
          ["SubOrchestrationInstanceCompleted", -1],
          ["ExecutionCompleted", 4],
        ],
      );
      for (const event of history) {
        assert.ok(event.timestamp instanceof Date && event.timestamp.getTime() > 0, event.type);
      }
      const of = Object.fromEntries(history.map((event) => [event.type, event]));
      assert.equal(of.ExecutionStarted.name, main);
      assert.equal(of.ExecutionStarted.input, "21");
      assert.equal(of.ExecutionStarted.orchestrationInstance.instanceId, id);
      assert.match(of.ExecutionStarted.orchestrationInstance.executionId, /^[0-9a-f]{32}$/);
      assert.equal(of.TaskScheduled.name, echo);
      assert.equal(of.TaskScheduled.input, "21");
      assert.equal(of.TaskCompleted.taskScheduledId, 1);
      assert.equal(of.TaskCompleted.result, "21");
      assert.equal(of.TimerFired.timerId, 2);
      assert.equal(of.TimerFired.fireAt.getTime(), of.TimerCreated.fireAt.getTime());
      assert.equal(of.SubOrchestrationInstanceCreated.name, child);
      assert.equal(of.SubOrchestrationInstanceCreated.input, "21");
      assert.equal(of.SubOrchestrationInstanceCompleted.taskScheduledId, 3);
      assert.equal(of.SubOrchestrationInstanceCompleted.result, "42");
      assert.equal(of.ExecutionCompleted.result, "42");

      const childHistory = await client.getOrchestrationHistory(of.SubOrchestrationInstanceCreated.instanceId);
      const { parentInstance } = childHistory.find((event) => event.type === "ExecutionStarted");
      assert.equal(parentInstance.name, main);
      assert.equal(parentInstance.taskScheduledId, 3);
      assert.equal(parentInstance.orchestrationInstance.instanceId, id);
    };
  });

  scenario("holds failures, events and requests", (code) => {
    const bad = code.activity(async () => {
      throw new Error("no luck");
    });
    const main = code.orchestrator(async function* (ctx) {
      yield ctx.waitForExternalEvent("Go");
      try {
        yield ctx.callActivity(bad);
      } catch {
        yield ctx.waitForExternalEvent("never");
      }
    });
    return async () => {
      const id = await start(main);
      await started(id);
      await client.suspendOrchestration(id);
      await client.raiseOrchestrationEvent(id, "Go", { a: 1 });
      await client.resumeOrchestration(id);
      await eventually("the failure", async () =>
        (await client.getOrchestrationHistory(id)).find((event) => event.type === "TaskFailed"),
      );
      await client.terminateOrchestration(id, "enough");
      await endedAs("TERMINATED", id);

      const history = await client.getOrchestrationHistory(id);
      const types = history.map((event) => event.type).filter((type) => type !== "OrchestratorStarted");
      assert.deepEqual(types, [
        "ExecutionStarted",
        "ExecutionSuspended",
        "EventRaised",
        "ExecutionResumed",
        "TaskScheduled",
        "TaskFailed",
        "ExecutionTerminated",
        "ExecutionCompleted",
      ]);
      const of = Object.fromEntries(history.map((event) => [event.type, event]));
      assert.equal(of.EventRaised.name, "Go");
      assert.equal(of.EventRaised.input, '{"a":1}');
      assert.equal(of.TaskFailed.taskScheduledId, of.TaskScheduled.eventId);
      assert.equal(of.TaskFailed.failureDetails.message, "no luck");
      assert.equal(of.ExecutionTerminated.input, '"enough"');
    };
  });

  scenario("of an instance that is unknown is empty", () => async () => {
    assert.deepEqual(await client.getOrchestrationHistory(unique("nobody")), []);
  });

  scenario("of many events comes whole", (code) => {
    const echo = code.activity(async (_, input) => input);
    const main = code.orchestrator(async function* (ctx, text) {
      for (let i = 0; i < 20; i++) {
        yield ctx.callActivity(echo, text);
      }
    });
    return async () => {
      const text = "x".repeat(50_000);
      const id = await start(main, text);
      await completed(id);
      const history = await client.getOrchestrationHistory(id);
      const results = history.filter((event) => event.type === "TaskCompleted");
      assert.equal(results.length, 20);
      results.forEach((event) => assert.equal(event.result.length, text.length + 2));
      const ids = history.map((event) => event.eventId).filter((eventId) => eventId >= 0);
      assert.deepEqual(ids, [...ids].sort((a, b) => a - b));
    };
  });
});

scenarios("purging", (scenario) => {
  scenario("by id", (code) => {
    const [good, waiting] = [well, wait].map((fn) => code.orchestrator(fn));
    return async () => {
      const id = await start(good);
      await completed(id);
      assert.equal((await client.purgeOrchestration(id)).deletedInstanceCount, 1);
      assert.equal(await get(id), undefined);
      assert.deepEqual(await client.getOrchestrationHistory(id), []);
      assert.equal((await client.purgeOrchestration(id)).deletedInstanceCount, 0);

      const running = await start(waiting);
      await started(running);
      assert.equal((await client.purgeOrchestration(running)).deletedInstanceCount, 0);
      assert.equal(await status(running), "RUNNING");
      await client.terminateOrchestration(running);
      await ended(running);
      assert.equal((await client.purgeOrchestration(running)).deletedInstanceCount, 1);
    };
  });

  scenario("by creation and status", (code) => {
    const [good, bad, waiting] = [well, fail, wait].map((fn) => code.orchestrator(fn));
    return async () => {
      const prefix = `${unique("purge")}/`;
      const times = await startSome(prefix, [
        ["a", good],
        ["b", bad],
        ["c", waiting, "started"],
        ["d", good],
      ]);
      const purge = async (from, to, ...statuses) => {
        const criteria = new PurgeInstanceCriteria();
        criteria.setCreatedTimeFrom(from);
        criteria.setCreatedTimeTo(to);
        criteria.setRuntimeStatusList(statuses);
        criteria.setTimeout(20_000);
        return (await client.purgeOrchestration(criteria)).deletedInstanceCount;
      };
      const { COMPLETED, FAILED, TERMINATED } = OrchestrationStatus;

      assert.equal(await purge(times.a, times.d, TERMINATED), 0);
      assert.equal(await purge(times.a, times.d, FAILED), 1);
      assert.equal(await get(`${prefix}b`), undefined);
      assert.equal(await purge(times.a, times.c, COMPLETED, FAILED), 1);
      assert.equal(await get(`${prefix}a`), undefined);
      assert.ok(await get(`${prefix}d`));
      await client.raiseOrchestrationEvent(`${prefix}c`, "go", 1);
      await completed(`${prefix}c`);
    };
  });
}, { concurrency: 1 });

scenarios("restarting", (scenario) => {
  scenario("under the same id, after every end", (code) => {
    let runs = 0;
    const count = code.orchestrator(async function* (ctx, input) {
      return `${input} ${++runs}`;
    });
    let failures = 1;
    const bad = code.orchestrator(async function* () {
      if (failures-- > 0) {
        throw new Error("no");
      }
      return "second time";
    });
    const waiting = code.orchestrator(wait);
    return async () => {
      const id = await start(count, "run", { tags: { a: "b" }, version: "1.0" });
      assert.equal(await output(id), "run 1");
      assert.equal(await client.restartOrchestration(id), id);
      const state = await completed(id);
      assert.equal(state.serializedOutput, '"run 2"');
      assert.equal(state.serializedInput, '"run"');
      assert.deepEqual(state.tags, { a: "b" });

      const failed = await start(bad);
      await endedAs("FAILED", failed);
      await client.restartOrchestration(failed);
      assert.equal(await output(failed), "second time");

      const terminated = await start(waiting);
      await started(terminated);
      await client.terminateOrchestration(terminated);
      await ended(terminated);
      await client.restartOrchestration(terminated);
      await client.raiseOrchestrationEvent(terminated, "go", "again");
      assert.equal(await output(terminated), "again");
    };
  });

  scenario("under a new id, even of what runs", (code) => {
    const waiting = code.orchestrator(wait);
    return async () => {
      const id = await start(waiting, "in");
      await started(id);
      const second = await client.restartOrchestration(id, true);
      assert.notEqual(second, id);
      await client.raiseOrchestrationEvent(second, "go", 2);
      const state = await completed(second);
      assert.equal(state.name, waiting);
      assert.equal(state.serializedInput, '"in"');
      assert.equal(await status(id), "RUNNING");
      await client.raiseOrchestrationEvent(id, "go", 1);
      assert.equal(await output(id), 1);
    };
  });

  scenario("is refused where it cannot be", (code) => {
    const waiting = code.orchestrator(wait);
    return async () => {
      await assert.rejects(client.restartOrchestration(unique("nobody")), /not found/);
      const id = await start(waiting);
      await started(id);
      await assert.rejects(client.restartOrchestration(id), /cannot be restarted/);
      await client.suspendOrchestration(id);
      await assert.rejects(client.restartOrchestration(id), /cannot be restarted/);
      await client.terminateOrchestration(id);
      await ended(id);
    };
  });
});

scenarios("rewinding", (scenario) => {
  /** An activity that fails so many times, and counts. */
  const failing = (code, failures) => {
    const ran = { good: 0, bad: 0, children: 0 };
    const good = code.activity(async () => ++ran.good);
    const bad = code.activity(async () => {
      if (ran.bad++ < failures) {
        throw new Error(`attempt ${ran.bad}`);
      }
      return "at last";
    });
    return { ran, good, bad };
  };

  scenario("runs what has failed again, and nothing else", (code) => {
    const { ran, good, bad } = failing(code, 1);
    const main = code.orchestrator(async function* (ctx) {
      const one = yield ctx.callActivity(good);
      return [one, yield ctx.callActivity(bad), yield ctx.callActivity(good)];
    });
    return async () => {
      const id = await start(main);
      await endedAs("FAILED", id);
      await client.rewindInstance(id, "the sun shines again");
      assert.deepEqual(await output(id), [1, "at last", 2]);
      assert.deepEqual(ran, { good: 2, bad: 2, children: 0 });
    };
  });

  scenario("works again and again, with and without a reason", (code) => {
    const { ran, good, bad } = failing(code, 3);
    const main = code.orchestrator(async function* (ctx) {
      yield ctx.callActivity(good);
      return yield ctx.callActivity(bad);
    });
    return async () => {
      const id = await start(main);
      for (const reason of ["one", "", "three"]) {
        await endedAs("FAILED", id);
        await client.rewindInstance(id, reason);
        // Whoever waits from here on must not see the old failure.
        await client.waitForOrchestrationCompletion(id);
      }
      assert.equal(await output(id), "at last");
      assert.deepEqual(ran, { good: 1, bad: 4, children: 0 });
    };
  });

  const withChild = (code, ran, bad) => {
    const child = code.orchestrator(async function* (ctx) {
      if (!ctx.isReplaying) {
        ran.children++;
      }
      return yield ctx.callActivity(bad);
    });
    return code.orchestrator(async function* (ctx) {
      return yield ctx.callSubOrchestrator(child, null, { instanceId: `${ctx.instanceId}-child` });
    });
  };

  scenario("does not do again what a retry made good", (code) => {
    const { ran, good, bad } = failing(code, 2);
    const retry = new RetryPolicy({ maxNumberOfAttempts: 5, firstRetryIntervalInMilliseconds: 1 });
    const child = code.orchestrator(async function* () {
      if (++ran.children < 2) {
        throw new Error("once");
      }
      return "grown up";
    });
    let broken = true;
    const main = code.orchestrator(async function* (ctx) {
      const first = yield ctx.callActivity(bad, null, { retry });
      const second = yield ctx.callSubOrchestrator(child, null, { retry });
      const third = yield ctx.callActivity(good);
      if (broken) {
        throw new Error("broken");
      }
      return [first, second, third];
    });
    return async () => {
      const id = await start(main);
      await endedAs("FAILED", id);
      broken = false;
      await client.rewindInstance(id, "the code was put right");
      assert.deepEqual(await output(id), ["at last", "grown up", 1]);
      assert.deepEqual(ran, { good: 1, bad: 3, children: 2 });
    };
  });

  scenario("rewinds the child that failed", (code) => {
    const { ran, bad } = failing(code, 1);
    const main = withChild(code, ran, bad);
    return async () => {
      const id = await start(main);
      await endedAs("FAILED", id);
      await client.rewindInstance(id, "");
      assert.equal(await output(id), "at last");
      assert.equal(await status(`${id}-child`), "COMPLETED");
      assert.equal(ran.bad, 2);
    };
  });

  scenario("creates a child that is gone anew", (code) => {
    const { ran, bad } = failing(code, 1);
    const main = withChild(code, ran, bad);
    return async () => {
      const id = await start(main);
      await endedAs("FAILED", id);
      await client.purgeOrchestration(`${id}-child`);
      await client.rewindInstance(id, "");
      assert.equal(await output(id), "at last");
      assert.equal(ran.bad, 2);
    };
  });

  scenario("is refused where it cannot be", (code) => {
    const [good, waiting] = [well, wait].map((fn) => code.orchestrator(fn));
    return async () => {
      await assert.rejects(client.rewindInstance(unique("nobody"), "x"), /not found/);
      const done = await start(good);
      await completed(done);
      const error = await refusal(() => client.rewindInstance(done, "x"));
      assert.match(error.message, /completed/i);
      const running = await start(waiting);
      await started(running);
      await assert.rejects(client.rewindInstance(running, "x"), /running/i);
      await client.terminateOrchestration(running);
      await ended(running);
      await assert.rejects(client.rewindInstance(running, "x"), /terminated/i);
    };
  });
});
