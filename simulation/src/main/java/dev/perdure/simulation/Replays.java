package dev.perdure.simulation;

import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.engine.orchestrator.ReplayCheck;
import dev.perdure.engine.orchestrator.StepResult;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;

/** Compares orchestrations with their histories. For threads of the simulation. */
final class Replays {
  private final FunctionRegistry functions;
  private final ThreadFactory threads;
  private final InstantSource clock;
  private final Requester hub;
  private final Report report;

  Replays(
      FunctionRegistry functions,
      ThreadFactory threads,
      InstantSource clock,
      Requester hub,
      Report report) {
    this.functions = functions;
    this.threads = threads;
    this.clock = clock;
    this.hub = hub;
    this.report = report;
  }

  /** Looks at an orchestration, which may move meanwhile; then there is nothing to compare. */
  void check(String id) {
    ReplayedState.Live live = hub.persistently(client -> ReplayedState.ask(client, id));
    if (live == null) {
      return;
    }
    List<String> state = ReplayedState.differencesOfState(live);
    report.check("replayed state equals live state", state.isEmpty(), id + ": " + state);
    if (RemoteFunctions.isRemote(live.status().name())) {
      return; // its code is run against its history at every step
    }
    List<String> code = ReplayedState.differencesOfCode(live, replayed(live));
    report.check("replayed code agrees", code.isEmpty(), id + ": " + code);
  }

  private StepResult replayed(ReplayedState.Live live) {
    try {
      return ReplayCheck.start(
              functions,
              SimulatedHost.CONVERTER,
              live.status().instanceId(),
              live.history(),
              threads,
              clock)
          .get();
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }
}
