// The orchestrators, activities and entities of the example, as one writes them for any backend.
import { EntityInstanceId, TaskEntity, whenAll, whenAny } from "@microsoft/durabletask-js";

// So that there is time to kill the server.
const work = (millis) => new Promise((resolve) => setTimeout(resolve, millis));

async function sayHello(_, city) {
  await work(300);
  return `Hello, ${city}!`;
}

async function square(_, number) {
  await work(300);
  return number * number;
}

/** One activity after the other; and a counter that says how many have come that far. */
async function* helloSequence(ctx, { cities, counter }) {
  const greetings = [];
  for (const city of cities) {
    greetings.push(yield ctx.callActivity(sayHello, city));
  }
  yield ctx.entities.callEntity(new EntityInstanceId("counter", counter), "add", 1);
  return greetings.join(" ");
}

/** Many activities at once, and a sum in the end. */
async function* fanOut(ctx, from) {
  const numbers = Array.from({ length: 5 }, (_, i) => from + i);
  const squares = yield whenAll(numbers.map((number) => ctx.callActivity(square, number)));
  const sum = squares.reduce((a, b) => a + b);
  return `the squares of ${from} to ${from + 4} add up to ${sum}`;
}

/** An event from outside, or a timer, whichever comes first. */
async function* approval(ctx, seconds) {
  const decision = ctx.waitForExternalEvent("decision");
  const timer = ctx.createTimer(seconds);
  if ((yield whenAny([decision, timer])) === timer) {
    return `nobody decided within ${seconds} s`;
  }
  timer.cancel();
  return decision.getResult();
}

/** State with a key, changed by one at a time. */
class Counter extends TaskEntity {
  initializeState() {
    return { value: 0 };
  }

  add(n) {
    this.state.value += n;
    return this.state.value;
  }
}

export function addTo(worker) {
  worker.addOrchestrator(helloSequence);
  worker.addOrchestrator(fanOut);
  worker.addOrchestrator(approval);
  worker.addActivity(sayHello);
  worker.addActivity(square);
  worker.addNamedEntity("counter", () => new Counter());
}
