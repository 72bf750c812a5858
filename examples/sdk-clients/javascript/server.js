// What a client does about a server that is away for a while. A worker of the SDK connects again by
// itself; a client sees UNAVAILABLE and decides.
// Codes of gRPC.
const ALREADY_EXISTS = 6;
const UNAVAILABLE = 14;

const pause = (millis) => new Promise((resolve) => setTimeout(resolve, millis));

/** Asks until there is an answer. */
export async function ask(question) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await question();
    } catch (e) {
      if (e.code !== UNAVAILABLE) {
        throw e;
      }
      if (attempt === 1) {
        console.log("              the server is away, asking again until it is back");
      }
      await pause(200);
    }
  }
}

/** A worker gives up when there is no server at its first attempt, so there has to be one. */
export async function reach(client, address) {
  try {
    await client.getOrchestrationState("nobody");
  } catch {
    console.log(`There is no server at ${address} yet. Start one: ./perdure server --store server.hub`);
    await ask(() => client.getOrchestrationState("nobody"));
  }
}

/**
 * Starts an orchestration under an id that the caller has chosen. When the server goes away with the
 * answer, asking again does no harm: the id is taken, so it was started.
 */
export function start(client, orchestrator, id, input) {
  return ask(async () => {
    try {
      await client.scheduleNewOrchestration(orchestrator, input, id);
    } catch (e) {
      if (e.code !== ALREADY_EXISTS) {
        throw e;
      }
    }
  });
}
