package dev.perdure.bench;

import dev.perdure.bench.grpc.GrpcFanOut;
import dev.perdure.bench.grpc.GrpcHello5;
import dev.perdure.bench.grpc.GrpcIdle;
import dev.perdure.bench.grpc.GrpcSequence;
import dev.perdure.bench.harness.Workload;
import dev.perdure.bench.triggers.IotHubIngest;
import dev.perdure.bench.triggers.SqlTrigger;
import dev.perdure.bench.workloads.AzureHello5;
import dev.perdure.bench.workloads.Burst;
import dev.perdure.bench.workloads.EntityCall;
import dev.perdure.bench.workloads.EntityHot;
import dev.perdure.bench.workloads.EntitySignals;
import dev.perdure.bench.workloads.FanOut;
import dev.perdure.bench.workloads.Hello5Latency;
import dev.perdure.bench.workloads.Hello5Throughput;
import dev.perdure.bench.workloads.HttpFunction;
import dev.perdure.bench.workloads.HttpStart;
import dev.perdure.bench.workloads.Purge;
import dev.perdure.bench.workloads.Replay;
import dev.perdure.bench.workloads.Restart;
import dev.perdure.bench.workloads.Sequence;
import dev.perdure.bench.workloads.Sleepers;
import dev.perdure.engine.ActivityStart;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The workloads there are, in the order in which they run. */
public final class Workloads {
  private static final List<Workload> ALL =
      List.of(
          new Hello5Throughput(ActivityStart.STRICT),
          new Hello5Throughput(ActivityStart.PIPELINED),
          new Hello5Latency(),
          new FanOut(),
          new Sequence(),
          new Sleepers(),
          new Burst(),
          new Restart(),
          new Replay(),
          new Purge(),
          new EntitySignals(),
          new EntityHot(),
          new EntityCall(),
          new GrpcHello5(false),
          new GrpcHello5(true),
          new GrpcFanOut(),
          new GrpcSequence(),
          new GrpcIdle(),
          new HttpFunction(),
          new HttpStart(),
          new AzureHello5(),
          new IotHubIngest(),
          new SqlTrigger());

  private Workloads() {}

  /** All of them. */
  public static List<Workload> all() {
    return ALL;
  }

  /**
   * Some of them, in the order asked for, each once; all if none is named.
   *
   * @throws UnknownWorkloadException if there is none of a name
   */
  public static List<Workload> named(List<String> names) {
    if (names.isEmpty()) {
      return ALL;
    }
    List<Workload> chosen = new ArrayList<>();
    for (String name : names) {
      Workload workload =
          find(name).orElseThrow(() -> new UnknownWorkloadException(name, allNames()));
      if (!chosen.contains(workload)) {
        chosen.add(workload);
      }
    }
    return chosen;
  }

  private static Optional<Workload> find(String name) {
    return ALL.stream().filter(w -> w.name().equals(name)).findFirst();
  }

  private static String allNames() {
    return ALL.stream().map(Workload::name).collect(Collectors.joining(", "));
  }
}
