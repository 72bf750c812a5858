package dev.perdure.simulation;

/**
 * Something that the programming model or a client offers, and that a simulated hub was used for.
 */
enum Feature {
  /** An orchestration called activities, one after the other or many at once. */
  ACTIVITIES("activities"),
  /** An activity failed and was tried again. */
  ACTIVITY_RETRIED("retried activities"),
  /** An orchestration slept. */
  TIMERS("timers"),
  /** An orchestration waited for an external event. */
  EVENTS("external events"),
  /** An orchestration sent an event to another one. */
  EVENT_SENT("events sent by orchestrations"),
  /** A start for later. */
  SCHEDULED_START("scheduled starts"),
  /** An orchestration had children. */
  CHILDREN("sub-orchestrations"),
  /** A child with an id that its parent chose. */
  CHILD_WITH_ID("sub-orchestrations with ids of their own"),
  /** A child failed and was tried again, under a new id or its own. */
  CHILD_RETRIED("retried sub-orchestrations"),
  /** A child failed for good, and its parent went on. */
  CHILD_FAILED("failed sub-orchestrations"),
  /** An orchestration began afresh. */
  CONTINUED_AS_NEW("continue-as-new"),
  /** An orchestration began afresh while events waited for it. */
  CONTINUED_WITH_EVENTS("continue-as-new with events waiting"),
  /** An orchestration made HTTP requests, tried again and polled. */
  HTTP("durable HTTP calls"),
  /** An orchestration of a version, with a child of the same or another one. */
  VERSIONS("versions"),
  /** An orchestration and its child were found by their tags. */
  TAGS("tags"),
  /** An entity was called, and an operation that threw changed nothing. */
  ENTITY_CALLED("entity calls"),
  /** An entity was signaled by an orchestration. */
  ENTITY_SIGNALED("entity signals"),
  /** An entity was signaled by an orchestration, for later. */
  ENTITY_SIGNALED_LATER("scheduled entity signals"),
  /** An entity signaled another one, for later, and started an orchestration. */
  ENTITY_ACTED("signals and starts by entities"),
  /** An entity removed its state. */
  ENTITY_STATE_DELETED("deleted entity states"),
  /** A client purged an entity. */
  ENTITY_PURGED("purged entities"),
  /** A client had the storage of entities cleaned. */
  ENTITY_STORAGE_CLEANED("cleaned entity storage"),
  /** Money was moved within a critical section. */
  CRITICAL_SECTION("critical sections"),
  /** A wish for a lock was withdrawn. */
  LOCK_WITHDRAWN("withdrawn locks"),
  /** A child was waited for in a critical section, and none could be started there. */
  CHILD_IN_CRITICAL_SECTION("sub-orchestrations in critical sections"),
  /** A client ended an orchestration. */
  TERMINATED("terminated orchestrations"),
  /** A client ended an orchestration with its children and theirs. */
  FAMILY_TERMINATED("terminated families"),
  /** A client purged an orchestration. */
  PURGED("purged orchestrations"),
  /** A client purged an orchestration with its children and theirs. */
  FAMILY_PURGED("purged families"),
  /** A client purged all that had ended in some way. */
  PURGED_BY_FILTER("purges by filter"),
  /** A client suspended an orchestration. */
  SUSPENDED("suspended orchestrations"),
  /** A client rewound a failed orchestration. */
  REWOUND("rewound orchestrations"),
  /** A client rewound an orchestration that threw after a retry had made a failure good. */
  REWOUND_AFTER_RETRY("rewound orchestrations that had retried"),
  /** A client restarted an orchestration. */
  RESTARTED("restarted orchestrations"),
  /** A client replaced an orchestration by another one of the same id. */
  REPLACED("replaced orchestrations"),
  /** The code of an orchestration ran at a remote worker. */
  REMOTE("remote orchestrations"),
  /** An orchestration whose code ran at a remote worker was rewound. */
  REMOTE_REWOUND("rewound remote orchestrations"),
  /** An orchestration was set aside, its code put right, and it was requeued. */
  REQUEUED("requeued orchestrations");

  private final String words;

  Feature(String words) {
    this.words = words;
  }

  @Override
  public String toString() {
    return words;
  }
}
