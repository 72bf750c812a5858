package dev.perdure.grpc;

import dev.perdure.api.EntityId;

/** Checks ids that callers send, as far as the protocol is stricter than the engine. */
final class Ids {
  /** The protocol's limit for ids that a client makes. */
  private static final int CHARS_MAX = 100;

  private Ids() {}

  /** The id of something that is to be made must not be too long. */
  static void checkNew(String id) {
    if (id.length() > CHARS_MAX) {
      throw new IllegalArgumentException(
          "The length of the instance id '%s...' is %d characters; use %d or fewer."
              .formatted(id.substring(0, 32), id.length(), CHARS_MAX));
    }
  }

  /** The id of an orchestration must be there, and must not be one of an entity. */
  static String orchestration(String id) {
    checkPresent(id);
    if (EntityId.isEntityId(id)) {
      throw new IllegalArgumentException(
          "'%s' is the id of an entity. This call is for orchestrations; entities have calls of their own."
              .formatted(id));
    }
    return id;
  }

  /** An id must be there. */
  static void checkPresent(String id) {
    if (id.isEmpty()) {
      throw new IllegalArgumentException("The instance id is empty. Name the instance.");
    }
  }

  /** The id of an entity. */
  static EntityId entity(String id) {
    checkPresent(id);
    return EntityId.parse(id);
  }
}
