import assert from "node:assert/strict";
import { EntityInstanceId, TaskEntity, whenAll } from "@microsoft/durabletask-js";
import {
  all,
  client,
  completed,
  ended,
  endedAs,
  eventually,
  newClient,
  output,
  punctually,
  refusal,
  run,
  scenarios,
  sleep,
  start,
  status,
  unique,
} from "../harness.mjs";

const INVALID_ARGUMENT = 3;

class Counter extends TaskEntity {
  initializeState() {
    return { value: 0, log: [] };
  }

  add(n) {
    this.state.value += n;
    return this.state.value;
  }

  note(text) {
    this.state.log.push(text);
  }

  fail(text) {
    this.state.value = -1;
    throw new RangeError(text);
  }

  read() {
    return this.state.value;
  }
}

/** The class of entities, the code of a test, and an entity of it. */
function counter(code) {
  const name = code.entity(Counter);
  return (key = unique("key")) => new EntityInstanceId(name, key);
}

const signal = (id, operation, input, options) => client.signalEntity(id, operation, input, options);

async function state(id) {
  return (await client.getEntity(id))?.state;
}

const valueBecomes = (id, value, seconds) =>
  eventually(`value ${value} of ${id}`, async () => (await state(id))?.value === value, seconds);

scenarios("signals of clients", (scenario) => {
  scenario("change the state", (code) => {
    const entity = counter(code);
    return async () => {
      const id = entity();
      const before = Date.now() - 1000;
      await signal(id, "add", 5);
      await valueBecomes(id, 5);
      const metadata = await client.getEntity(id);
      assert.equal(metadata.id.toString(), id.toString());
      assert.ok(metadata.lastModifiedTime.getTime() >= before);
      assert.equal(metadata.lockedBy, undefined);
      assert.equal((await client.getEntity(id, false)).includesState, false);
    };
  });

  scenario("are all applied, in their order", (code) => {
    const entity = counter(code);
    return async () => {
      const id = entity();
      for (let i = 0; i < 50; i++) {
        await signal(id, "note", i);
      }
      await eventually("all notes", async () => (await state(id))?.log.length === 50);
      assert.deepEqual((await state(id)).log, Array.from({ length: 50 }, (_, i) => i));
    };
  });

  scenario("come from many at once", (code) => {
    const entity = counter(code);
    return async () => {
      const id = entity();
      const clients = Array.from({ length: 4 }, () => newClient());
      await Promise.all(Array.from({ length: 200 }, (_, i) => clients[i % 4].signalEntity(id, "add", 1)));
      await valueBecomes(id, 200);
      await sleep(100);
      assert.equal((await state(id)).value, 200);
    };
  });

  scenario("may name an operation in any case, and an entity, too", (code) => {
    const entity = counter(code);
    return async () => {
      const id = entity();
      await signal(new EntityInstanceId(id.name.toUpperCase(), id.key), "ADD", 1);
      await valueBecomes(id, 1);
    };
  });

  scenario("that fail change nothing and stop nothing", (code) => {
    const entity = counter(code);
    return async () => {
      const id = entity();
      await signal(id, "add", 1);
      await signal(id, "fail", "no");
      await signal(id, "unheardOf");
      await signal(id, "add", 1);
      await valueBecomes(id, 2);
    };
  });

  scenario("may come later", (code) => {
    const entity = counter(code);
    return async () => {
      await punctually(500, async () => {
        const id = entity();
        const time = Date.now() + 800;
        await signal(id, "add", 1, { signalTime: new Date(time) });
        const early = await client.getEntity(id);
        assert.ok(early === undefined || Date.now() > time);
        await valueBecomes(id, 1);
        return (await client.getEntity(id)).lastModifiedTime.getTime() - time;
      });
    };
  });

  scenario("reach keys with anything in them", (code) => {
    const entity = counter(code);
    return async () => {
      const keys = ["a b", "a@b", "Ünï/…?#%", "UPPER", "upper", "k".repeat(40)];
      await Promise.all(keys.map((key, i) => signal(entity(key), "add", i + 1)));
      await Promise.all(keys.map((key, i) => valueBecomes(entity(key), i + 1)));
    };
  });

  scenario("to a key that is too long are refused", (code) => {
    const entity = counter(code);
    return async () => {
      const error = await refusal(() => signal(entity("k".repeat(101)), "add", 1));
      assert.equal(error.code, INVALID_ARGUMENT);
      assert.match(error.message, /length/i);
    };
  });
});

scenarios("the life of an entity", (scenario) => {
  scenario("begins with its first operation", (code) => {
    const entity = counter(code);
    return async () => {
      assert.equal(await client.getEntity(entity()), undefined);
    };
  });

  scenario("ends with its deletion, and may begin anew", (code) => {
    const entity = counter(code);
    return async () => {
      const id = entity();
      await signal(id, "add", 5);
      await valueBecomes(id, 5);
      await signal(id, "delete");
      await eventually("it is gone", async () => (await client.getEntity(id)) === undefined);
      await signal(id, "add", 1);
      await valueBecomes(id, 1);
    };
  });

  scenario("does not depend on cleaning up", (code) => {
    const entity = counter(code);
    return async () => {
      const id = entity();
      await signal(id, "add", 5);
      await valueBecomes(id, 5);
      const result = await client.cleanEntityStorage();
      assert.ok(result.emptyEntitiesRemoved >= 0 && result.orphanedLocksReleased >= 0);
      assert.equal((await state(id)).value, 5);
    };
  });
});

scenarios("queries", (scenario) => {
  scenario("find entities by prefix and time, in pages, with state on request", (code) => {
    const entity = counter(code);
    return async () => {
      const ids = Array.from({ length: 7 }, (_, i) => entity(`${i < 4 ? "a" : "b"}${i}`));
      const before = new Date(Date.now() - 1000);
      for (const [i, id] of ids.entries()) {
        await signal(id, "add", i);
      }
      await Promise.all(ids.map((id, i) => valueBecomes(id, i)));
      const gone = entity("gone");
      await signal(gone, "add", 1);
      await signal(gone, "delete");
      await eventually("it is gone", async () => (await client.getEntity(gone)) === undefined);
      const { name } = ids[0];
      const keys = async (query) => (await all(client.getEntities(query))).map((each) => each.id.key).sort();

      assert.deepEqual(await keys({ instanceIdStartsWith: `${name}@` }), ["a0", "a1", "a2", "a3", "b4", "b5", "b6"]);
      assert.deepEqual(await keys({ instanceIdStartsWith: `${name.toUpperCase()}@b` }), ["b4", "b5", "b6"]);
      assert.deepEqual(await keys({ instanceIdStartsWith: `${name}@c` }), []);
      assert.deepEqual(await keys({ instanceIdStartsWith: `${name}@`, lastModifiedTo: before }), []);
      assert.equal((await keys({ instanceIdStartsWith: `${name}@`, lastModifiedFrom: before })).length, 7);

      const pages = await all(client.getEntities({ instanceIdStartsWith: `${name}@`, pageSize: 3 }).asPages());
      assert.deepEqual(pages.map((page) => page.values.length), [3, 3, 1]);
      const [one] = await all(client.getEntities({ instanceIdStartsWith: `${name}@b6` }));
      assert.equal(one.state.value, 6);
      const [bare] = await all(client.getEntities({ instanceIdStartsWith: `${name}@b6`, includeState: false }));
      assert.equal(bare.includesState, false);
    };
  });
});

scenarios("orchestrations", (scenario) => {
  scenario("call entities and get results", (code) => {
    const entity = counter(code);
    const main = code.orchestrator(async function* (ctx, key) {
      const id = entity(key);
      const one = yield ctx.entities.callEntity(id, "add", 2);
      const two = yield ctx.entities.callEntity(id, "add", 3);
      yield ctx.entities.callEntity(id, "note", "nothing comes back");
      return [one, two, yield ctx.entities.callEntity(id, "read")];
    });
    return async () => {
      assert.deepEqual(await run(main, unique()), [2, 5, 5]);
    };
  });

  scenario("may handle the failure of an operation, which leaves the state as it was", (code) => {
    const entity = counter(code);
    const main = code.orchestrator(async function* (ctx, key) {
      const id = entity(key);
      yield ctx.entities.callEntity(id, "add", 1);
      try {
        yield ctx.entities.callEntity(id, "fail", "no luck");
      } catch (e) {
        const { errorType, errorMessage } = e.failureDetails;
        return [e.operationName, errorType, errorMessage, yield ctx.entities.callEntity(id, "read")];
      }
    });
    return async () => {
      assert.deepEqual(await run(main, unique()), ["fail", "RangeError", "no luck", 1]);
    };
  });

  scenario("fail with an operation whose failure nobody handles", (code) => {
    const entity = counter(code);
    const main = code.orchestrator(async function* (ctx, key) {
      yield ctx.entities.callEntity(entity(key), "fail", "no luck");
    });
    return async () => {
      const { failureDetails } = await endedAs("FAILED", await start(main, unique()));
      assert.match(failureDetails.message, /no luck/);
    };
  });

  scenario("call entities that no worker knows in vain", (code) => {
    const main = code.orchestrator(async function* (ctx) {
      try {
        yield ctx.entities.callEntity(new EntityInstanceId("unheardof", "x"), "add", 1);
      } catch (e) {
        return e.message;
      }
    });
    return async () => {
      assert.match(await run(main), /unheardof/);
    };
  });

  scenario("signal without waiting, in the order of their calls", (code) => {
    const entity = counter(code);
    const main = code.orchestrator(async function* (ctx, key) {
      const id = entity(key);
      for (let i = 0; i < 5; i++) {
        ctx.entities.signalEntity(id, "add", 1);
        ctx.entities.signalEntity(id, "note", i);
      }
      return yield ctx.entities.callEntity(id, "read");
    });
    return async () => {
      const key = unique();
      assert.equal(await run(main, key), 5);
      assert.deepEqual((await state(entity(key))).log, [0, 1, 2, 3, 4]);
    };
  });

  scenario("signal for later", (code) => {
    const entity = counter(code);
    const main = code.orchestrator(async function* (ctx, key) {
      const time = ctx.currentUtcDateTime.getTime() + 800;
      ctx.entities.signalEntity(entity(key), "add", 1, { signalTime: new Date(time) });
      return time;
    });
    return async () => {
      await punctually(500, async () => {
        const key = unique();
        const time = await run(main, key);
        await valueBecomes(entity(key), 1);
        return (await client.getEntity(entity(key))).lastModifiedTime.getTime() - time;
      });
    };
  });

  scenario("call many entities at once", (code) => {
    const entity = counter(code);
    const main = code.orchestrator(async function* (ctx, prefix) {
      return yield whenAll(
        Array.from({ length: 20 }, (_, i) => ctx.entities.callEntity(entity(prefix + i), "add", i)),
      );
    });
    return async () => {
      assert.deepEqual(await run(main, unique()), Array.from({ length: 20 }, (_, i) => i));
    };
  });

  scenario("many of them share one entity, and nothing is lost", (code) => {
    const entity = counter(code);
    const main = code.orchestrator(async function* (ctx, key) {
      for (let i = 0; i < 5; i++) {
        yield ctx.entities.callEntity(entity(key), "add", 1);
      }
    });
    return async () => {
      const key = unique();
      await Promise.all(Array.from({ length: 20 }, () => run(main, key)));
      assert.equal((await state(entity(key))).value, 100);
    };
  });

  scenario("keep their entities when they continue as new", (code) => {
    const entity = counter(code);
    const main = code.orchestrator(async function* (ctx, [key, round]) {
      const value = yield ctx.entities.callEntity(entity(key), "add", 1);
      ctx.entities.signalEntity(entity(key), "note", round);
      if (round < 5) {
        ctx.continueAsNew([key, round + 1], false);
        return;
      }
      return value;
    });
    return async () => {
      const key = unique();
      assert.equal(await run(main, [key, 1]), 5);
      await eventually("all notes", async () => (await state(entity(key))).log.length === 5);
      assert.deepEqual((await state(entity(key))).log, [1, 2, 3, 4, 5]);
    };
  });
});

scenarios("entities", (scenario) => {
  scenario("signal others and start orchestrations", (code) => {
    const entity = counter(code);
    const started = code.orchestrator(async function* (ctx, input) {
      return `started with ${input}`;
    });
    const relay = code.entity(
      class extends TaskEntity {
        pass({ key, orchestration }) {
          this.context.signalEntity(entity(key), "add", 7);
          this.context.scheduleNewOrchestration(started, this.context.id.key, { instanceId: orchestration });
        }

        failAfterwards(input) {
          this.pass(input);
          throw new Error("no");
        }
      },
    );
    return async () => {
      const [key, orchestration] = [unique("key"), unique("started")];
      const id = new EntityInstanceId(relay, "me");
      const other = { key: unique("other"), orchestration: unique("other") };
      await signal(id, "failAfterwards", other);
      await signal(id, "pass", { key, orchestration });
      assert.equal(await output(orchestration), "started with me");
      await valueBecomes(entity(key), 7);
      // What fails sends nothing.
      assert.equal(await client.getEntity(entity(other.key)), undefined);
      assert.equal(await client.getOrchestrationState(other.orchestration), undefined);
    };
  });

  scenario("signal themselves for later", (code) => {
    const name = code.entity(
      class extends TaskEntity {
        initializeState() {
          return { times: [] };
        }

        tick(left) {
          this.state.times.push(Date.now());
          if (left > 0) {
            const signalTime = new Date(Date.now() + 200);
            this.context.signalEntity(this.context.id, "tick", left - 1, { signalTime });
          }
        }
      },
    );
    return async () => {
      const id = new EntityInstanceId(name, unique("clock"));
      await signal(id, "tick", 3);
      await eventually("four ticks", async () => (await state(id))?.times.length === 4);
      const { times } = await state(id);
      times.reduce((a, b) => {
        assert.ok(b - a >= 199, `${b - a} ms`);
        return b;
      });
    };
  });
});

scenarios("locks", (scenario) => {
  const account = (code) => {
    const name = code.entity(
      class extends TaskEntity {
        initializeState() {
          return { balance: 100 };
        }

        balance() {
          return this.state.balance;
        }

        async set(value) {
          this.state.balance = value;
        }
      },
    );
    return (key) => new EntityInstanceId(name, key);
  };

  /** Reads both balances, thinks for a while, and writes them: wrong without a lock. */
  const transferrer = (code, entity) =>
    code.orchestrator(async function* (ctx, { from, to, amount }) {
      const [a, b] = [entity(from), entity(to)];
      const lock = yield ctx.entities.lockEntities(a, b);
      try {
        const ofA = yield ctx.entities.callEntity(a, "balance");
        const ofB = yield ctx.entities.callEntity(b, "balance");
        yield ctx.createTimer(0.005);
        yield ctx.entities.callEntity(a, "set", ofA - amount);
        yield ctx.entities.callEntity(b, "set", ofB + amount);
      } finally {
        lock.release();
      }
    });

  scenario("of two entities in any order let one orchestration in at a time", (code) => {
    const entity = account(code);
    const transfer = transferrer(code, entity);
    return async () => {
      const keys = ["a", "b", "c"].map((name) => unique(name));
      const pairs = [[0, 1], [1, 0], [1, 2], [2, 0], [0, 2], [2, 1]];
      await Promise.all(
        [...pairs, ...pairs].map(([from, to], i) =>
          run(transfer, { from: keys[from], to: keys[to], amount: i + 1 }),
        ),
      );
      const balances = await Promise.all(keys.map(async (key) => (await state(entity(key))).balance));
      const expected = [100, 100, 100];
      [...pairs, ...pairs].forEach(([from, to], i) => {
        expected[from] -= i + 1;
        expected[to] += i + 1;
      });
      assert.deepEqual(balances, expected);
    };
  });

  scenario("name their owner as long as they are held", (code) => {
    const entity = counter(code);
    const holder = code.orchestrator(async function* (ctx, key) {
      const lock = yield ctx.entities.lockEntities(entity(key), entity(key));
      yield ctx.entities.callEntity(entity(key), "add", 1);
      const inside = ctx.entities.isInCriticalSection();
      ctx.setCustomStatus("locked");
      yield ctx.waitForExternalEvent("go");
      lock.release();
      return [inside.inSection, inside.lockedEntities.length, ctx.entities.isInCriticalSection().inSection];
    });
    return async () => {
      const key = unique("held");
      const id = await start(holder, key);
      await eventually("the lock", async () => (await client.getOrchestrationState(id)).serializedCustomStatus);
      assert.equal((await client.getEntity(entity(key))).lockedBy, id);
      await signal(entity(key), "add", 10);
      await sleep(150);
      assert.equal((await state(entity(key))).value, 1);
      await client.raiseOrchestrationEvent(id, "go");
      const [inside, , outside] = await output(id);
      assert.deepEqual([inside, outside], [true, false]);
      assert.equal((await client.getEntity(entity(key))).lockedBy, undefined);
      await valueBecomes(entity(key), 11);
    };
  });

  for (const how of ["throws", "forgets", "continues as new", "is terminated"]) {
    scenario(`are released when their owner ${how}`, (code) => {
      const entity = counter(code);
      const holder = code.orchestrator(async function* (ctx, [key, round]) {
        if (round === 2) {
          return "second round";
        }
        yield ctx.entities.lockEntities(entity(key));
        ctx.setCustomStatus("locked");
        switch (how) {
          case "throws":
            throw new Error("no");
          case "continues as new":
            ctx.continueAsNew([key, 2], false);
            return;
          case "is terminated":
            yield ctx.waitForExternalEvent("never");
        }
      });
      const next = code.orchestrator(async function* (ctx, key) {
        const lock = yield ctx.entities.lockEntities(entity(key));
        const value = yield ctx.entities.callEntity(entity(key), "add", 1);
        lock.release();
        return value;
      });
      return async () => {
        const key = unique("forgotten");
        const id = await start(holder, [key, 1]);
        if (how === "is terminated") {
          await eventually("the lock", async () => (await client.getOrchestrationState(id)).serializedCustomStatus);
          await client.terminateOrchestration(id);
        }
        await ended(id);
        assert.equal(await status(id), { throws: "FAILED", "is terminated": "TERMINATED" }[how] ?? "COMPLETED");
        assert.equal(await run(next, key), 1);
      };
    });
  }

  scenario("waited for by what has ended disturb nobody", (code) => {
    const entity = counter(code);
    const holder = code.orchestrator(async function* (ctx, key) {
      const lock = yield ctx.entities.lockEntities(entity(key));
      ctx.setCustomStatus("locked");
      yield ctx.waitForExternalEvent("go");
      lock.release();
    });
    return async () => {
      const key = unique("queue");
      const first = await start(holder, key);
      await eventually("the lock", async () => (await client.getOrchestrationState(first)).serializedCustomStatus);
      const second = await start(holder, key);
      await client.waitForOrchestrationStart(second);
      const third = await start(holder, key);
      await client.waitForOrchestrationStart(third);
      await client.terminateOrchestration(second);
      await endedAs("TERMINATED", second);
      await client.raiseOrchestrationEvent(first, "go");
      await completed(first);
      await client.raiseOrchestrationEvent(third, "go");
      await completed(third);
    };
  });
});
