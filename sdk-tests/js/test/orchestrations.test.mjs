import assert from "node:assert/strict";
import {
  RetryPolicy,
  TaskFailedError,
  terminateOptions,
  whenAll,
  whenAny,
} from "@microsoft/durabletask-js";
import {
  Meeting,
  client,
  completed,
  ended,
  endedAs,
  eventually,
  eventuallyStatus,
  get,
  newClient,
  output,
  punctually,
  refusal,
  run,
  scenarios,
  sleep,
  start,
  started,
  status,
  unique,
} from "../harness.mjs";

const NOT_FOUND = 5;
const ALREADY_EXISTS = 6;
const INVALID_ARGUMENT = 3;

scenarios("starting and reading", (scenario) => {
  scenario("an empty orchestrator completes", (code) => {
    const empty = code.orchestrator(async function* () {});
    return async () => {
      assert.equal(await run(empty), undefined);
    };
  });

  scenario("a plain function is an orchestrator, too", (code) => {
    const plain = code.orchestrator(async (ctx, input) => input + 1);
    return async () => {
      assert.equal(await run(plain, 1), 2);
    };
  });

  scenario("what was asked for and what came of it can be read", (code) => {
    const greet = code.orchestrator(async function* (ctx, name) {
      return `Hello, ${name}`;
    });
    return async () => {
      const before = Date.now() - 1000;
      const id = unique("greeting");
      assert.equal(await start(greet, "World", { instanceId: id, tags: { a: "1", b: "" } }), id);
      const state = await completed(id);
      assert.equal(state.instanceId, id);
      assert.equal(state.name, greet);
      assert.equal(state.serializedInput, '"World"');
      assert.equal(state.serializedOutput, '"Hello, World"');
      assert.deepEqual(state.tags, { a: "1", b: "" });
      assert.ok(before <= state.createdAt.getTime());
      assert.ok(state.createdAt <= state.lastUpdatedAt);
      const bare = await client.getOrchestrationState(id, false);
      assert.ok(!bare.serializedInput && !bare.serializedOutput);
      assert.deepEqual(bare.tags, { a: "1", b: "" });
    };
  });

  for (const value of [0, false, "", null, -1.5, [], {}, "ünï\u0000\u{1f600}\"", [1, [null]], { a: { b: "c" } }]) {
    scenario(`${JSON.stringify(value)} passes unchanged through all hands`, (code) => {
      const echo = code.activity(async (_, input) => input);
      const child = code.orchestrator(async function* (ctx, input) {
        return yield ctx.callActivity(echo, input);
      });
      const main = code.orchestrator(async function* (ctx, [round, input]) {
        const result = yield ctx.callSubOrchestrator(child, input);
        if (round === 1) {
          ctx.continueAsNew([2, result], false);
          return;
        }
        return result;
      });
      return async () => {
        assert.deepEqual(await run(main, [1, value]), value);
      };
    });
  }

  scenario("two megabytes pass unchanged", (code) => {
    const echo = code.activity(async (_, input) => input);
    const main = code.orchestrator(async function* (ctx, input) {
      return yield ctx.callActivity(echo, input);
    });
    return async () => {
      const large = "0123456789abcdef".repeat(128 * 1024);
      assert.equal(await run(main, large), large);
    };
  });

  scenario("who is started without input sees none", (code) => {
    const main = code.orchestrator(async function* (ctx, input) {
      return input === undefined;
    });
    return async () => {
      const id = await start(main);
      assert.equal(await output(id), true);
      assert.ok(!(await get(id)).serializedInput);
    };
  });

  scenario("what runs has no output", (code) => {
    const wait = code.orchestrator(async function* (ctx) {
      yield ctx.waitForExternalEvent("go");
    });
    return async () => {
      const id = await start(wait, "in");
      const state = await started(id);
      assert.equal(await status(id), "RUNNING");
      assert.equal(state.serializedInput, '"in"');
      assert.ok(!state.serializedOutput);
      await client.raiseOrchestrationEvent(id, "go");
      await completed(id);
    };
  });

  scenario("an unknown id is undefined and no error", () => async () => {
    assert.equal(await get(unique("nobody")), undefined);
  });

  scenario("an id of more than 100 characters is refused", (code) => {
    const empty = code.orchestrator(async function* () {});
    return async () => {
      await completed(await start(empty, null, unique("x".repeat(60))));
      const error = await refusal(() => start(empty, null, "x".repeat(101)));
      assert.equal(error.code, INVALID_ARGUMENT);
      assert.match(error.message, /length/i);
    };
  });

  scenario("a name is needed", () => async () => {
    assert.equal((await refusal(() => start(""))).code, INVALID_ARGUMENT);
  });

  scenario("a scheduled start is pending until its time", (code) => {
    const now = code.orchestrator(async function* (ctx) {
      return ctx.currentUtcDateTime.getTime();
    });
    return async () => {
      await punctually(500, async () => {
        const time = Date.now() + 1500;
        const id = await start(now, undefined, { startAt: new Date(time) });
        assert.ok((await status(id)) === "PENDING" || Date.now() > time);
        return (await output(id)) - time;
      });
    };
  });

  scenario("without a start time it starts now", (code) => {
    const now = code.orchestrator(async function* (ctx) {
      return ctx.currentUtcDateTime.getTime();
    });
    return async () => {
      const before = Date.now();
      const ran = await run(now);
      assert.ok(before - 2 <= ran && ran <= Date.now() + 2);
    };
  });

  scenario("an id that is running is refused", (code) => {
    const wait = code.orchestrator(async function* (ctx) {
      return yield ctx.waitForExternalEvent("go");
    });
    return async () => {
      const id = await start(wait, "first", unique("twice"));
      const error = await refusal(() => start(wait, "second", id));
      assert.equal(error.code, ALREADY_EXISTS);
      await client.raiseOrchestrationEvent(id, "go", 1);
      assert.equal((await completed(id)).serializedInput, '"first"');
    };
  });

  scenario("an id that has ended is replaced", (code) => {
    const main = code.orchestrator(async function* (ctx, input) {
      return input + 1;
    });
    return async () => {
      const id = unique("again");
      for (let i = 0; i < 5; i++) {
        await start(main, i, id);
        assert.equal(await output(id), i + 1);
      }
    };
  });

  scenario("the metadata of other packages do no harm", (code) => {
    const empty = code.orchestrator(async function* () {});
    return async () => {
      const { Metadata } = await import("@grpc/grpc-js");
      const other = newClient({
        metadataGenerator: async () => {
          const metadata = new Metadata();
          metadata.set("taskhub", "default");
          metadata.set("x-user-agent", "durabletask-js/0.4.0");
          metadata.set("authorization", "Bearer nothing");
          return metadata;
        },
      });
      const id = await start(empty);
      await completed(id);
      assert.equal((await other.getOrchestrationState(id)).name, empty);
    };
  });

  scenario("fifty instances with many turns at once", (code) => {
    const plusOne = code.activity(async (_, n) => n + 1);
    const chain = code.orchestrator(async function* (ctx, n) {
      for (let i = 0; i < 5; i++) {
        n = yield ctx.callActivity(plusOne, n);
      }
      return n;
    });
    return async () => {
      const outputs = await Promise.all(Array.from({ length: 50 }, (_, i) => run(chain, i * 10)));
      assert.deepEqual(outputs, Array.from({ length: 50 }, (_, i) => i * 10 + 5));
    };
  });
});

scenarios("waiting", (scenario) => {
  scenario("a start is seen when the first turn has been recorded", (code) => {
    const begun = new Meeting(2);
    const go = new Meeting(2);
    const slow = code.orchestrator(async function* (ctx) {
      await begun.arrive();
      await go.arrive();
      ctx.setCustomStatus("started");
      yield ctx.waitForExternalEvent("end");
    });
    return async () => {
      const id = await start(slow);
      await begun.arrive();
      await assert.rejects(client.waitForOrchestrationStart(id, false, 0.3));
      assert.equal(await status(id), "PENDING");
      await go.arrive();
      assert.equal((await started(id)).serializedCustomStatus, '"started"');
      await client.terminateOrchestration(id);
      await ended(id);
    };
  });

  scenario("who gives up waiting disturbs nothing", (code) => {
    const wait = code.orchestrator(async function* (ctx) {
      return yield ctx.waitForExternalEvent("go");
    });
    return async () => {
      const id = await start(wait);
      await assert.rejects(client.waitForOrchestrationCompletion(id, true, 0.3));
      await client.raiseOrchestrationEvent(id, "go", 7);
      assert.equal(await output(id), 7);
    };
  });

  scenario("an id that does not exist yet can be waited for", (code) => {
    const main = code.orchestrator(async function* () {
      return "here";
    });
    return async () => {
      const id = unique("soon");
      const end = output(id);
      await sleep(100);
      await start(main, null, id);
      assert.equal(await end, "here");
    };
  });

  scenario("a hundred wait for one", (code) => {
    const wait = code.orchestrator(async function* (ctx) {
      return yield ctx.waitForExternalEvent("go");
    });
    return async () => {
      const id = await start(wait);
      const outputs = Array.from({ length: 100 }, () => output(id));
      await client.raiseOrchestrationEvent(id, "go", "all");
      assert.deepEqual(new Set(await Promise.all(outputs)), new Set(["all"]));
    };
  });
});

scenarios("activities", (scenario) => {
  scenario("ten, one after the other", (code) => {
    let executions = 0;
    const plusOne = code.activity(async (_, n) => {
      executions++;
      return n + 1;
    });
    const chain = code.orchestrator(async function* (ctx, n) {
      for (let i = 0; i < 10; i++) {
        n = yield ctx.callActivity(plusOne, n);
      }
      return n;
    });
    return async () => {
      assert.equal(await run(chain, 1), 11);
      assert.equal(executions, 10);
    };
  });

  scenario("a fan-out gets each result in its place", (code) => {
    let executions = 0;
    const square = code.activity(async (_, n) => {
      executions++;
      await sleep(Math.random() * 20);
      return n * n;
    });
    const fanOut = code.orchestrator(async function* (ctx) {
      const tasks = Array.from({ length: 30 }, (_, i) => ctx.callActivity(square, i));
      return yield whenAll(tasks);
    });
    return async () => {
      assert.deepEqual(await run(fanOut), Array.from({ length: 30 }, (_, i) => i * i));
      assert.equal(executions, 30);
    };
  });

  scenario("those of one turn run at the same time", (code) => {
    const meeting = new Meeting(10);
    const meet = code.activity(() => meeting.arrive());
    const main = code.orchestrator(async function* (ctx) {
      yield whenAll(Array.from({ length: 10 }, () => ctx.callActivity(meet)));
      return "all have met";
    });
    return async () => {
      assert.equal(await run(main), "all have met");
    };
  });

  scenario("know who has called them", (code) => {
    const who = code.activity(async (ctx) => [ctx.orchestrationId, ctx.taskId]);
    const main = code.orchestrator(async function* (ctx) {
      const first = yield ctx.callActivity(who);
      const second = yield ctx.callActivity(who);
      return [first, second];
    });
    return async () => {
      const id = await start(main);
      const [[parent, first], [sameParent, second]] = await output(id);
      assert.equal(parent, id);
      assert.equal(sameParent, id);
      assert.ok(first < second);
    };
  });

  scenario("may come with tags and a version", (code) => {
    const echo = code.activity(async (_, input) => input);
    const main = code.orchestrator(async function* (ctx) {
      return yield ctx.callActivity(echo, "x", { tags: { colour: "red" }, version: "2.0" });
    });
    return async () => {
      const id = await start(main);
      assert.equal(await output(id), "x");
      const scheduled = (await client.getOrchestrationHistory(id)).find((e) => e.type === "TaskScheduled");
      assert.deepEqual(scheduled.tags, { colour: "red" });
      assert.equal(scheduled.version, "2.0");
    };
  });

  scenario("a failure reaches the orchestrator with what is known of it", (code) => {
    class Unlucky extends Error {
      name = "Unlucky";
    }
    const fail = code.activity(async (_, who) => {
      throw new Unlucky(`${who} has no luck`);
    });
    const main = code.orchestrator(async function* (ctx) {
      try {
        yield ctx.callActivity(fail, "Ada");
      } catch (e) {
        const { errorType, message, stackTrace } = e.details;
        return [e instanceof TaskFailedError, errorType, message, stackTrace.includes("orchestrations.test.mjs")];
      }
    });
    return async () => {
      assert.deepEqual(await run(main), [true, "Unlucky", "Ada has no luck", true]);
    };
  });

  scenario("a failure that nobody handles fails the orchestration", (code) => {
    const fail = code.activity(async () => {
      throw new Error("no luck");
    });
    const main = code.orchestrator(async function* (ctx) {
      yield ctx.callActivity(fail);
    });
    return async () => {
      const state = await endedAs("FAILED", await start(main));
      assert.equal(state.failureDetails.errorType, "TaskFailedError");
      assert.match(state.failureDetails.message, /no luck/);
      assert.ok(state.failureDetails.stackTrace);
      const bare = await client.getOrchestrationState(state.instanceId, false);
      assert.ok(!bare.failureDetails);
    };
  });

  scenario("one that no worker knows fails", (code) => {
    const main = code.orchestrator(async function* (ctx) {
      try {
        yield ctx.callActivity("unheardOf");
      } catch (e) {
        return e.message;
      }
    });
    return async () => {
      assert.match(await run(main), /unheardOf/);
    };
  });

  scenario("and orchestrators that no worker knows fail and stop nobody", (code) => {
    const fine = code.orchestrator(async function* () {
      return "fine";
    });
    return async () => {
      const unknown = await start(unique("unheardOf"));
      assert.equal(await run(fine), "fine");
      await endedAs("FAILED", unknown);
    };
  });
});

scenarios("timers", (scenario) => {
  scenario("are never early and hardly late", (code) => {
    const sleeper = code.orchestrator(async function* (ctx) {
      yield ctx.createTimer(1.5);
    });
    return async () => {
      await punctually(500, async () => {
        const state = await completed(await start(sleeper));
        return state.lastUpdatedAt - state.createdAt - 1500;
      });
    };
  });

  scenario("may be given a time", (code) => {
    const until = code.orchestrator(async function* (ctx, time) {
      yield ctx.createTimer(new Date(time));
      return ctx.currentUtcDateTime.getTime();
    });
    return async () => {
      await punctually(300, async () => {
        const time = Date.now() + 400;
        return (await run(until, time)) - time;
      });
    };
  });

  scenario("of no length are turns of their own", (code) => {
    let turns = 0;
    const main = code.orchestrator(async function* (ctx) {
      turns++;
      const replaying = [ctx.isReplaying];
      for (let i = 0; i < 5; i++) {
        yield ctx.createTimer(0);
        replaying.push(ctx.isReplaying);
      }
      return replaying;
    });
    return async () => {
      assert.deepEqual(await run(main), [true, true, true, true, true, false]);
      assert.equal(turns, 6);
    };
  });

  scenario("now is the same in a turn and later in the next", (code) => {
    const clock = code.orchestrator(async function* (ctx) {
      const times = [];
      for (let i = 0; i < 20; i++) {
        times.push(ctx.currentUtcDateTime.getTime());
        yield ctx.createTimer(0);
      }
      return times;
    });
    return async () => {
      const times = await run(clock);
      times.reduce((a, b) => {
        assert.ok(a < b, `${times}`);
        return b;
      });
    };
  });

  scenario("that lose a race keep nobody", (code) => {
    const work = code.activity(async () => "work");
    const race = code.orchestrator(async function* (ctx) {
      const years = ctx.createTimer(10 * 365 * 24 * 3600);
      const winner = yield whenAny([years, ctx.callActivity(work)]);
      years.cancel();
      return winner === years ? "timer" : winner.getResult();
    });
    return async () => {
      assert.equal(await run(race), "work");
    };
  });

  scenario("of one time all fire", (code) => {
    const many = code.orchestrator(async function* (ctx) {
      yield whenAll(Array.from({ length: 50 }, () => ctx.createTimer(0.2)));
      return "all";
    });
    return async () => {
      assert.deepEqual(await Promise.all([run(many), run(many), run(many)]), ["all", "all", "all"]);
    };
  });
});

scenarios("children", (scenario) => {
  scenario("of children return their results", (code) => {
    const names = {};
    names.factorial = code.orchestrator(async function* (ctx, n) {
      return n <= 1 ? 1 : n * (yield ctx.callSubOrchestrator(names.factorial, n - 1));
    });
    return async () => {
      assert.equal(await run(names.factorial, 7), 5040);
    };
  });

  scenario("with many activities are counted once", (code) => {
    let executions = 0;
    const one = code.activity(async () => {
      executions++;
      return 1;
    });
    const sum = (values) => values.reduce((a, b) => a + b, 0);
    const child = code.orchestrator(async function* (ctx) {
      return sum(yield whenAll(Array.from({ length: 5 }, () => ctx.callActivity(one))));
    });
    const parent = code.orchestrator(async function* (ctx) {
      return sum(yield whenAll(Array.from({ length: 8 }, () => ctx.callSubOrchestrator(child))));
    });
    return async () => {
      assert.equal(await run(parent), 40);
      assert.equal(executions, 40);
    };
  });

  scenario("know their parent, who has none", (code) => {
    const child = code.orchestrator(async function* (ctx) {
      return { id: ctx.instanceId, parent: ctx.parent };
    });
    const parent = code.orchestrator(async function* (ctx) {
      const of = yield ctx.callSubOrchestrator(child, null, { instanceId: `${ctx.instanceId}-child` });
      return { own: ctx.parent ?? null, of };
    });
    return async () => {
      const id = await start(parent);
      const { own, of } = await output(id);
      assert.equal(own, null);
      assert.equal(of.id, `${id}-child`);
      assert.equal(of.parent.name, parent);
      assert.equal(of.parent.instanceId, id);
      assert.equal(typeof of.parent.taskScheduledId, "number");
    };
  });

  scenario("have ids made of the execution, which changes with every round", (code) => {
    const child = code.orchestrator(async function* (ctx) {
      return ctx.instanceId;
    });
    const parent = code.orchestrator(async function* (ctx, ids) {
      ids.push(yield ctx.callSubOrchestrator(child));
      if (ids.length < 3) {
        ctx.continueAsNew(ids, false);
        return;
      }
      return ids;
    });
    return async () => {
      const ids = await run(parent, []);
      ids.forEach((id) => assert.match(id, /^[0-9a-f]{32}:[0-9a-f]{4}$/));
      assert.equal(new Set(ids).size, 3);
    };
  });

  scenario("get the tags and the version of the call", (code) => {
    const child = code.orchestrator(async function* (ctx) {
      return ctx.version;
    });
    const parent = code.orchestrator(async function* (ctx) {
      const instanceId = `${ctx.instanceId}-c`;
      return [
        yield ctx.callSubOrchestrator(child, null, { instanceId, version: "7.1", tags: { a: "b" } }),
        yield ctx.callSubOrchestrator(child, null),
      ];
    });
    return async () => {
      const id = await start(parent, null, { version: "3.0", tags: { of: "the parent" } });
      assert.equal((await output(id))[0], "7.1");
      assert.deepEqual((await get(`${id}-c`)).tags, { a: "b" });
      assert.deepEqual((await get(id)).tags, { of: "the parent" });
    };
  });

  scenario("that fail hand their failure up through all generations", (code) => {
    const fail = code.activity(async () => {
      throw new Error("deep down");
    });
    const bottom = code.orchestrator(async function* (ctx) {
      yield ctx.callActivity(fail);
    });
    const middle = code.orchestrator(async function* (ctx) {
      yield ctx.callSubOrchestrator(bottom);
    });
    const top = code.orchestrator(async function* (ctx) {
      yield ctx.callSubOrchestrator(middle);
    });
    return async () => {
      const state = await endedAs("FAILED", await start(top));
      assert.match(state.failureDetails.message, /deep down/);
    };
  });

  scenario("that no worker knows fail their parent", (code) => {
    const parent = code.orchestrator(async function* (ctx) {
      yield ctx.callSubOrchestrator("unheardOf");
    });
    return async () => {
      await endedAs("FAILED", await start(parent));
    };
  });

  scenario("may continue as new and return what they end with", (code) => {
    const countdown = code.orchestrator(async function* (ctx, n) {
      if (n > 0) {
        ctx.continueAsNew(n - 1, false);
        return;
      }
      return "lift-off";
    });
    const parent = code.orchestrator(async function* (ctx) {
      return yield ctx.callSubOrchestrator(countdown, 5);
    });
    return async () => {
      assert.equal(await run(parent), "lift-off");
    };
  });

  scenario("that take an id that runs already fail and leave it alone", (code) => {
    const wait = code.orchestrator(async function* (ctx) {
      return yield ctx.waitForExternalEvent("go");
    });
    const parent = code.orchestrator(async function* (ctx, instanceId) {
      try {
        yield ctx.callSubOrchestrator(wait, null, { instanceId });
        return "ran";
      } catch {
        return "failed";
      }
    });
    return async () => {
      const id = await start(wait);
      await started(id);
      assert.equal(await run(parent, id), "failed");
      await client.raiseOrchestrationEvent(id, "go", "untouched");
      assert.equal(await output(id), "untouched");
    };
  });
});

scenarios("retries", (scenario) => {
  const policy = (maxNumberOfAttempts, more = {}) =>
    new RetryPolicy({ maxNumberOfAttempts, firstRetryIntervalInMilliseconds: 1, ...more });

  /** An activity that fails so many times, and a child that does, and how often they ran. */
  function failing(code, failures) {
    const executions = { activity: 0, child: 0, ids: new Set() };
    const fail = (kind) => {
      if (++executions[kind] <= failures) {
        throw new Error(`attempt ${executions[kind]}`);
      }
      return `attempt ${executions[kind]}`;
    };
    const activity = code.activity(async () => fail("activity"));
    const child = code.orchestrator(async function* (ctx) {
      executions.ids.add(ctx.instanceId);
      return fail("child");
    });
    return { executions, activity, child };
  }

  for (const times of [1, 2, 10]) {
    scenario(`try activities and children ${times} times`, (code) => {
      const { executions, activity, child } = failing(code, Infinity);
      const ofActivity = code.orchestrator(async function* (ctx) {
        yield ctx.callActivity(activity, null, { retry: policy(times) });
      });
      const ofChild = code.orchestrator(async function* (ctx) {
        yield ctx.callSubOrchestrator(child, null, { retry: policy(times) });
      });
      return async () => {
        const one = await endedAs("FAILED", await start(ofActivity));
        const two = await endedAs("FAILED", await start(ofChild));
        assert.match(one.failureDetails.message, new RegExp(`attempt ${times}`));
        assert.match(two.failureDetails.message, new RegExp(`attempt ${times}`));
        assert.equal(executions.activity, times);
        assert.equal(executions.child, times);
        assert.equal(executions.ids.size, 1);
      };
    });
  }

  scenario("end with the first success", (code) => {
    const { executions, activity, child } = failing(code, 2);
    const main = code.orchestrator(async function* (ctx) {
      const retry = policy(10);
      return [yield ctx.callActivity(activity, null, { retry }), yield ctx.callSubOrchestrator(child, null, { retry })];
    });
    return async () => {
      assert.deepEqual(await run(main), ["attempt 3", "attempt 3"]);
      assert.equal(executions.activity, 3);
    };
  });

  scenario("pause longer each time", (code) => {
    const { executions, activity } = failing(code, 3);
    const main = code.orchestrator(async function* (ctx) {
      const retry = policy(4, { firstRetryIntervalInMilliseconds: 100, backoffCoefficient: 2 });
      yield ctx.callActivity(activity, null, { retry });
    });
    return async () => {
      await punctually(1000, async () => {
        executions.activity = 0;
        const state = await completed(await start(main));
        return state.lastUpdatedAt - state.createdAt - (100 + 200 + 400);
      });
    };
  });

  scenario("end with their time", (code) => {
    const { executions, activity } = failing(code, Infinity);
    const main = code.orchestrator(async function* (ctx) {
      const retry = policy(100, { firstRetryIntervalInMilliseconds: 100, retryTimeoutInMilliseconds: 450 });
      yield ctx.callActivity(activity, null, { retry });
    });
    return async () => {
      await endedAs("FAILED", await start(main));
      // On a machine that is busy the time may be over after the first.
      assert.ok(1 <= executions.activity && executions.activity <= 10, `${executions.activity}`);
    };
  });

  scenario("ask the predicate of the policy", (code) => {
    const { executions, activity } = failing(code, Infinity);
    const main = code.orchestrator(async function* (ctx) {
      const retry = policy(10, { handleFailure: (failure) => !failure.message.includes("attempt 3") });
      yield ctx.callActivity(activity, null, { retry });
    });
    return async () => {
      await endedAs("FAILED", await start(main));
      assert.equal(executions.activity, 3);
    };
  });

  scenario("ask a handler, which may answer later and with a pause", (code) => {
    const { executions, activity, child } = failing(code, Infinity);
    const main = code.orchestrator(async function* (ctx) {
      try {
        const retry = (context) => context.lastAttemptNumber < 3;
        yield ctx.callActivity(activity, null, { retry });
      } catch {
        const retry = async (context) => (context.lastFailure.message === "attempt 2" ? false : 50);
        yield ctx.callSubOrchestrator(child, null, { retry });
      }
    });
    return async () => {
      await endedAs("FAILED", await start(main));
      assert.equal(executions.activity, 3);
      assert.equal(executions.child, 2);
    };
  });
});

scenarios("external events", (scenario) => {
  const collector = (code) =>
    code.orchestrator(async function* (ctx, count) {
      const all = [];
      for (let i = 0; i < count; i++) {
        all.push(yield ctx.waitForExternalEvent("item"));
      }
      return all;
    });
  const numbers = (count) => Array.from({ length: count }, (_, i) => i);

  scenario("arrive in their order", (code) => {
    const collect = collector(code);
    return async () => {
      const id = await start(collect, 30);
      for (const i of numbers(30)) {
        await client.raiseOrchestrationEvent(id, "item", i);
      }
      assert.deepEqual(await output(id), numbers(30));
    };
  });

  scenario("from many senders all arrive", (code) => {
    const collect = collector(code);
    return async () => {
      const id = await start(collect, 50);
      await Promise.all(numbers(50).map((i) => client.raiseOrchestrationEvent(id, "item", i)));
      assert.deepEqual((await output(id)).sort((a, b) => a - b), numbers(50));
    };
  });

  scenario("are kept until somebody waits, and their names are not case-sensitive", (code) => {
    const main = code.orchestrator(async function* (ctx) {
      yield ctx.waitForExternalEvent("now");
      return yield ctx.waitForExternalEvent("EARLY");
    });
    return async () => {
      const id = await start(main);
      await started(id);
      await client.raiseOrchestrationEvent(id, "Early", { bird: 1 });
      await client.raiseOrchestrationEvent(id, "now");
      assert.deepEqual(await output(id), { bird: 1 });
      const raised = (await client.getOrchestrationHistory(id)).filter((e) => e.type === "EventRaised");
      assert.deepEqual(raised.map((e) => e.name), ["Early", "now"]);
    };
  });

  const withTimeout = (code) =>
    code.orchestrator(async function* (ctx, seconds) {
      const timer = ctx.createTimer(seconds);
      const answer = ctx.waitForExternalEvent("answer");
      return (yield whenAny([timer, answer])) === timer ? "nobody answers" : answer.getResult();
    });

  scenario("may come too late", (code) => {
    const main = withTimeout(code);
    return async () => {
      assert.equal(await run(main, 0.3), "nobody answers");
    };
  });

  scenario("may come in time", (code) => {
    const main = withTimeout(code);
    return async () => {
      const id = await start(main, 3600);
      await started(id);
      await client.raiseOrchestrationEvent(id, "answer", "yes");
      assert.equal(await output(id), "yes");
    };
  });

  scenario("may be sent by one orchestration to another, and to nobody", (code) => {
    const collect = collector(code);
    const send = code.orchestrator(async function* (ctx, to) {
      ctx.sendEvent(to, "item", 1);
      ctx.sendEvent(`nobody-${ctx.instanceId}`, "item", 1);
      yield ctx.createTimer(0.05);
      ctx.sendEvent(to, "item", 2);
      ctx.sendEvent(ctx.instanceId, "to myself", "too late");
      return "sent";
    });
    return async () => {
      const id = await start(collect, 2);
      const sender = await start(send, id);
      assert.equal(await output(sender), "sent");
      assert.deepEqual(await output(id), [1, 2]);
      const before = (await get(id)).lastUpdatedAt.getTime();
      await run(send, id);
      assert.equal((await get(id)).lastUpdatedAt.getTime(), before);
      const sent = (await client.getOrchestrationHistory(sender)).filter((e) => e.type === "EventSent");
      assert.equal(sent.length, 4);
    };
  });

  scenario("to myself arrive", (code) => {
    const main = code.orchestrator(async function* (ctx) {
      ctx.sendEvent(ctx.instanceId, "echo", "hello");
      return yield ctx.waitForExternalEvent("echo");
    });
    return async () => {
      assert.equal(await run(main), "hello");
    };
  });

  scenario("for what has ended are ignored, and for nobody refused", (code) => {
    const empty = code.orchestrator(async function* () {});
    return async () => {
      const id = await start(empty);
      await completed(id);
      await client.raiseOrchestrationEvent(id, "late", 1);
      const error = await refusal(() => client.raiseOrchestrationEvent(unique("nobody"), "x", 1));
      assert.equal(error.code, NOT_FOUND);
    };
  });
});

scenarios("suspending and terminating", (scenario) => {
  const waiter = (code) =>
    code.orchestrator(async function* (ctx) {
      return yield ctx.waitForExternalEvent("go");
    });

  scenario("what is suspended goes on when it is resumed", (code) => {
    const wait = waiter(code);
    return async () => {
      const id = await start(wait);
      await started(id);
      await client.suspendOrchestration(id);
      await eventuallyStatus(id, "SUSPENDED");
      await client.raiseOrchestrationEvent(id, "go", "fine");
      await sleep(200);
      assert.equal(await status(id), "SUSPENDED");
      await client.resumeOrchestration(id);
      assert.equal(await output(id), "fine");
    };
  });

  scenario("a timer that comes due meanwhile has to wait", (code) => {
    const main = code.orchestrator(async function* (ctx) {
      yield ctx.createTimer(0.3);
      return "awake";
    });
    return async () => {
      const id = await start(main);
      await started(id);
      await client.suspendOrchestration(id);
      await eventuallyStatus(id, "SUSPENDED");
      await sleep(500);
      assert.equal(await status(id), "SUSPENDED");
      await client.resumeOrchestration(id);
      assert.equal(await output(id), "awake");
    };
  });

  scenario("what is terminated ends with the output that it is given", (code) => {
    const wait = waiter(code);
    return async () => {
      const id = await start(wait);
      await started(id);
      await client.terminateOrchestration(id, { why: "because" });
      const state = await endedAs("TERMINATED", id);
      assert.deepEqual(JSON.parse(state.serializedOutput), { why: "because" });
      await client.terminateOrchestration(id, "again");
      assert.deepEqual(JSON.parse((await get(id)).serializedOutput), { why: "because" });
    };
  });

  scenario("what is suspended can be terminated", (code) => {
    const wait = waiter(code);
    return async () => {
      const id = await start(wait);
      await started(id);
      await client.suspendOrchestration(id);
      await client.terminateOrchestration(id, "over");
      assert.equal((await endedAs("TERMINATED", id)).serializedOutput, '"over"');
    };
  });

  const family = (code) => {
    const wait = waiter(code);
    const middle = code.orchestrator(async function* (ctx, ids) {
      yield ctx.callSubOrchestrator(wait, null, { instanceId: ids.bottom });
    });
    const done = code.orchestrator(async function* () {
      return "done";
    });
    const top = code.orchestrator(async function* (ctx, ids) {
      yield ctx.callSubOrchestrator(done, null, { instanceId: ids.done });
      yield ctx.callSubOrchestrator(middle, ids, { instanceId: ids.middle });
    });
    return async () => {
      const ids = Object.fromEntries(["top", "middle", "bottom", "done"].map((name) => [name, unique(name)]));
      await start(top, ids, ids.top);
      await started(ids.bottom);
      return ids;
    };
  };

  scenario("a recursive termination ends the whole family, which can be purged at once", (code) => {
    const startFamily = family(code);
    return async () => {
      const ids = await startFamily();
      await client.terminateOrchestration(ids.top, terminateOptions({ recursive: true, output: "all" }));
      await endedAs("TERMINATED", ids.top);
      assert.equal(await status(ids.middle), "TERMINATED");
      assert.equal(await status(ids.bottom), "TERMINATED");
      assert.equal(await status(ids.done), "COMPLETED");
      const result = await client.purgeOrchestration(ids.top, { recursive: true });
      assert.equal(result.deletedInstanceCount, 4);
      for (const id of Object.values(ids)) {
        assert.equal(await get(id), undefined);
      }
    };
  });

  scenario("another termination leaves the children alone", (code) => {
    const startFamily = family(code);
    return async () => {
      const ids = await startFamily();
      await client.terminateOrchestration(ids.top, "just me");
      await endedAs("TERMINATED", ids.top);
      assert.equal(await status(ids.bottom), "RUNNING");
      await client.raiseOrchestrationEvent(ids.bottom, "go", 1);
      await completed(ids.bottom);
      await completed(ids.middle);
      assert.equal((await client.purgeOrchestration(ids.top)).deletedInstanceCount, 1);
      assert.equal(await status(ids.middle), "COMPLETED");
    };
  });

  scenario("nobody cannot be terminated", () => async () => {
    assert.equal((await refusal(() => client.terminateOrchestration(unique("nobody")))).code, NOT_FOUND);
  });
});

scenarios("continuing as new", (scenario) => {
  scenario("many rounds end with the output of the last", (code) => {
    const count = code.orchestrator(async function* (ctx, n) {
      yield ctx.createTimer(0);
      if (n < 25) {
        ctx.continueAsNew(n + 1, false);
        return;
      }
      return n;
    });
    return async () => {
      const state = await completed(await start(count, 0));
      assert.equal(state.serializedOutput, "25");
      assert.equal(state.serializedInput, "25");
    };
  });

  scenario("events are carried over, none is lost and none doubled", (code) => {
    const collect = code.orchestrator(async function* (ctx, items) {
      items.push(yield ctx.waitForExternalEvent("item"));
      if (items.length < 20) {
        ctx.continueAsNew(items, true);
        return;
      }
      return items;
    });
    return async () => {
      const id = await start(collect, []);
      for (let i = 0; i < 20; i++) {
        await client.raiseOrchestrationEvent(id, "item", i);
      }
      assert.deepEqual(await output(id), Array.from({ length: 20 }, (_, i) => i));
    };
  });

  scenario("late answers of an old round do not reach the next", (code) => {
    const echo = code.activity(async (_, input) => {
      await sleep(30);
      return input;
    });
    const main = code.orchestrator(async function* (ctx, round) {
      const answer = ctx.callActivity(echo, round);
      if (round < 5) {
        yield ctx.createTimer(0.01);
        ctx.continueAsNew(round + 1, false);
        return;
      }
      return yield answer;
    });
    return async () => {
      assert.equal(await run(main, 0), 5);
    };
  });

  scenario("tags and creation time stay", (code) => {
    const main = code.orchestrator(async function* (ctx, round) {
      yield ctx.createTimer(0.02);
      if (round < 3) {
        ctx.continueAsNew(round + 1, false);
      }
    });
    return async () => {
      const id = await start(main, 0, { tags: { a: "b" } });
      const { createdAt } = await get(id);
      const state = await completed(id);
      assert.deepEqual(state.tags, { a: "b" });
      assert.equal(state.createdAt.getTime(), createdAt.getTime());
    };
  });
});

scenarios("custom status", (scenario) => {
  scenario("is that of the last turn, while it runs and afterwards", (code) => {
    const main = code.orchestrator(async function* (ctx) {
      ctx.setCustomStatus("beginning");
      ctx.setCustomStatus({ done: [1, 2] });
      yield ctx.waitForExternalEvent("go");
      ctx.setCustomStatus("");
    });
    return async () => {
      const id = await start(main);
      assert.equal((await started(id)).serializedCustomStatus, '{"done":[1,2]}');
      await client.raiseOrchestrationEvent(id, "go");
      assert.equal((await completed(id)).serializedCustomStatus, '""');
    };
  });

  scenario("can be cleared", (code) => {
    const main = code.orchestrator(async function* (ctx) {
      ctx.setCustomStatus(1);
      yield ctx.waitForExternalEvent("go");
      ctx.setCustomStatus(null);
    });
    return async () => {
      const id = await start(main);
      assert.equal((await started(id)).serializedCustomStatus, "1");
      await client.raiseOrchestrationEvent(id, "go");
      assert.ok(!(await completed(id)).serializedCustomStatus);
    };
  });
});

scenarios("replay", (scenario) => {
  scenario("makes the same ids again, and logs once", (code) => {
    const lines = [];
    const log = { info: (line) => lines.push(line), error() {}, warn() {}, debug() {} };
    const echo = code.activity(async (_, input) => input);
    const main = code.orchestrator(async function* (ctx) {
      const logger = ctx.createReplaySafeLogger(log);
      const ids = [ctx.newGuid(), ctx.newGuid()];
      logger.info("one");
      const first = yield ctx.callActivity(echo, ids);
      logger.info("two");
      yield ctx.callActivity(echo, "x");
      logger.info("three");
      return [ids, first];
    });
    return async () => {
      const [ids, first] = await run(main);
      assert.deepEqual(ids, first);
      assert.notEqual(ids[0], ids[1]);
      assert.deepEqual(lines, ["one", "two", "three"]);
    };
  });

  scenario("knows the version", (code) => {
    const main = code.orchestrator(async function* (ctx) {
      yield ctx.createTimer(0);
      return ctx.version;
    });
    return async () => {
      assert.equal(await run(main, null, { version: "1.2.3" }), "1.2.3");
      assert.equal(await run(main), "");
    };
  });
});
