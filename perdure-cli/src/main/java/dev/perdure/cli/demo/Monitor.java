package dev.perdure.cli.demo;

import dev.perdure.api.Activity;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.Orchestrator;
import java.time.Duration;
import java.time.Instant;

/** A monitor: asks again and again until something is so, and sleeps durably in between. */
final class Monitor implements Story {
  private final Narrator narrator;
  private final Pace pace;

  Monitor(Narrator narrator, Pace pace) {
    this.narrator = narrator;
    this.pace = pace;
  }

  /** What to watch and how. */
  record Watch(String job, Duration jobTakes, Duration pollEvery) {}

  /** Somebody else's job: it goes on whether or not this process lives. */
  record Job(String number, Instant startedAt, Duration takes) {
    int percentAt(Instant now) {
      double share = (double) Duration.between(startedAt, now).toMillis() / takes.toMillis();
      return Math.clamp(Math.round(100 * share), 0, 100);
    }
  }

  @Override
  public String key() {
    return "monitor";
  }

  @Override
  public String title() {
    return "Monitor";
  }

  @Override
  public String explanation() {
    return "An import runs somewhere else. It is polled, with a durable timer in between, until it"
        + " is done.";
  }

  @Override
  public String orchestrator() {
    return "demoMonitor";
  }

  @Override
  public Object input() {
    return new Watch("import of 40,000 rows", pace.of(4.5), pace.of(1));
  }

  @Override
  public String outcome(OrchestrationMetadata end) {
    return "%s; last custom status: '%s'"
        .formatted(end.output(String.class), end.customStatus(String.class));
  }

  @Orchestrator(name = "demoMonitor")
  String watch(OrchestrationContext ctx, Watch watch) {
    Job job = ctx.call(Monitor::startJob, watch).await();
    int polls = 0;
    int percent = 0;
    while (percent < 100) {
      ctx.createTimer(watch.pollEvery()).await();
      percent = ctx.call(Monitor::pollJob, job).await();
      polls++;
      ctx.setCustomStatus(watch.job() + ": " + percent + " %");
    }
    return "job %s was done at poll %d".formatted(job.number(), polls);
  }

  @Activity
  Job startJob(Watch watch) throws InterruptedException {
    pace.work(0.3);
    narrator.done("startJob", watch.job() + " started as J-40");
    return new Job("J-40", Instant.now(), watch.jobTakes());
  }

  @Activity
  int pollJob(Job job) throws InterruptedException {
    pace.work(0.1);
    int percent = job.percentAt(Instant.now());
    narrator.done(
        "pollJob",
        "%s  %3d %%  %s".formatted(job.number(), percent, "#".repeat(Math.max(1, percent / 4))));
    return percent;
  }
}
