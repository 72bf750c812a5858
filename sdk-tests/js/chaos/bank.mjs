// A bank whose books show whether anything has been lost or done twice.
import { EntityInstanceId, TaskEntity } from "@microsoft/durabletask-js";

export const ACCOUNTS = ["a", "b", "c", "d"];
export const OPENING_BALANCE = 1000;

export const account = (key) => new EntityInstanceId("account", key);
export const COUNTER = new EntityInstanceId("transfers", "all");

/** Has a balance, and remembers every transfer that it took part in. */
class Account extends TaskEntity {
  initializeState() {
    return { balance: OPENING_BALANCE, transfers: [] };
  }

  balance() {
    return this.state.balance;
  }

  change({ transfer, by }) {
    this.state.balance += by;
    this.state.transfers.push(transfer);
    // An entity tells another: both things happen, or neither.
    this.context.signalEntity(COUNTER, "count", transfer);
  }
}

/** Counts what the accounts tell it. */
class Transfers extends TaskEntity {
  initializeState() {
    return { told: [] };
  }

  count(transfer) {
    this.state.told.push(transfer);
  }
}

async function pause() {
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 10));
}

async function* transfer(ctx, { from, to, amount }) {
  const lock = yield ctx.entities.lockEntities(account(from), account(to));
  const before = yield ctx.entities.callEntity(account(from), "balance");
  if (before < amount) {
    lock.release();
    return "refused";
  }
  yield ctx.callActivity("pause");
  yield ctx.entities.callEntity(account(from), "change", { transfer: ctx.instanceId, by: -amount });
  yield ctx.callActivity("pause");
  yield ctx.entities.callEntity(account(to), "change", { transfer: ctx.instanceId, by: amount });
  lock.release();
  return "done";
}

export function addTo(worker) {
  worker.addNamedOrchestrator("transfer", transfer);
  worker.addNamedActivity("pause", pause);
  worker.addNamedEntity("account", () => new Account());
  worker.addNamedEntity("transfers", () => new Transfers());
}
