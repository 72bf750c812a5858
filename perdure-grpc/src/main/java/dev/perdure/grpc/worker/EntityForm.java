package dev.perdure.grpc.worker;

/**
 * In which of the protocol's two forms workers get operations of entities. They say the same, but
 * for callers and times, which only the newer one has; the answer is one and the same.
 */
public enum EntityForm {
  /** As an {@code EntityBatchRequest}, the only form that old SDKs know. */
  V1,

  /** As an {@code EntityRequest}, whose operations are events; every SDK of today knows it. */
  V2
}
