package dev.perdure.cli.demo;

import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.PerdureClient;

/** One story: an orchestrator and its activities, which are annotated methods of the object. */
interface Story {
  /** How its instances' ids end. */
  String key();

  /** What it is called. */
  String title();

  /** What there is to see, in one line. */
  String explanation();

  /** The name of its orchestrator. */
  String orchestrator();

  /** The input of its orchestrator. */
  Object input();

  /** Plays the part of the world outside while the story goes on; returns at its end or before. */
  default void accompany(PerdureClient client, String instanceId) throws InterruptedException {
    // most stories go on by themselves
  }

  /** How it ended, in one line. */
  String outcome(OrchestrationMetadata end);
}
