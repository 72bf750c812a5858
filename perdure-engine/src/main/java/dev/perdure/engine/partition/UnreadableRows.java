package dev.perdure.engine.partition;

/**
 * What is done about instances whose rows cannot be read: it is said, and they are left alone. One
 * of them must not keep a whole partition from its work.
 */
final class UnreadableRows {
  private static final System.Logger PARTITION = System.getLogger("dev.perdure.partition");
  private static final System.Logger ENTITY = System.getLogger("dev.perdure.entity");

  private UnreadableRows() {}

  static void report(String id, RuntimeException cause) {
    boolean entity = Entities.isEntity(id);
    (entity ? ENTITY : PARTITION)
        .log(
            System.Logger.Level.ERROR,
            (entity ? "Entity '" : "Instance '")
                + id
                + "' cannot be read and is left alone. Restore the hub from a back-up if it is needed.",
            cause);
  }
}
