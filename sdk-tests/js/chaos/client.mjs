// Asks for transfers, waits for all of them, and looks at the books. Says how far it is.
import assert from "node:assert/strict";
import { ACCOUNTS, COUNTER, OPENING_BALANCE, account } from "./bank.mjs";
import { OrchestrationStatus, newClient } from "../harness.mjs";

const COUNT = 60;
const UNAVAILABLE = 14;
const ALREADY_EXISTS = 6;

const client = newClient({ options: { "grpc.max_reconnect_backoff_ms": 500 } });

async function ask(question) {
  for (;;) {
    try {
      return await question();
    } catch (e) {
      if (e.code !== UNAVAILABLE) {
        throw e;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

const transfers = Array.from({ length: COUNT }, (_, i) => ({
  id: `transfer-${i}`,
  from: ACCOUNTS[i % 4],
  to: ACCOUNTS[(i + 1 + (i % 3)) % 4],
  amount: 1 + (i % 7),
}));

for (const transfer of transfers) {
  await ask(async () => {
    try {
      await client.scheduleNewOrchestration("transfer", transfer, transfer.id);
    } catch (e) {
      if (e.code !== ALREADY_EXISTS) {
        throw e;
      }
    }
  });
}
console.log("started");

let ended = 0;
await Promise.all(
  transfers.map(async ({ id }) => {
    const state = await ask(() => client.waitForOrchestrationCompletion(id, true, 110));
    assert.equal(state.runtimeStatus, OrchestrationStatus.COMPLETED, `${id}: ${state.failureDetails?.message}`);
    assert.equal(state.serializedOutput, '"done"');
    console.log(`ended ${++ended}`);
  }),
);

for (const key of ACCOUNTS) {
  const { state, lockedBy } = await ask(() => client.getEntity(account(key)));
  const mine = transfers.filter(({ from, to }) => from === key || to === key);
  const expected = mine.reduce(
    (balance, { from, amount }) => balance + (from === key ? -amount : amount),
    OPENING_BALANCE,
  );
  assert.equal(state.balance, expected, `balance of ${key}`);
  assert.deepEqual([...state.transfers].sort(), mine.map(({ id }) => id).sort(), `transfers of ${key}`);
  assert.equal(lockedBy, undefined);
}
// Signals may be on their way for a while.
for (let attempt = 0; ; attempt++) {
  const { state } = await ask(() => client.getEntity(COUNTER));
  if (state.told.length < 2 * COUNT && attempt < 100) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    continue;
  }
  const twice = transfers.flatMap(({ id }) => [id, id]).sort();
  assert.deepEqual([...state.told].sort(), twice, "what the counter was told");
  break;
}
console.log("the books are right");
process.exit(0);
