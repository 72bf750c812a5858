package dev.perdure.grpc;

import io.grpc.Status;

/** One hub, which belongs to the program around the server. Callers that name none get it too. */
final class SingleHub implements Hubs {
  private final Hub hub;

  SingleHub(Hub hub) {
    this.hub = hub;
  }

  @Override
  public Hub hub(String name) {
    if (!name.equals(hub.name()) && !name.equals(HubNames.DEFAULT)) {
      throw Status.NOT_FOUND
          .withDescription(
              "There is no task hub '%s'. This server has one, '%s'; name that in the metadata 'taskhub'."
                  .formatted(name, hub.name()))
          .asRuntimeException();
    }
    return hub;
  }

  @Override
  public Hub hubAtOnce(String name) {
    return hub(name);
  }

  @Override
  public void create(String name, boolean recreate) {
    Hub existing = hub(name);
    if (recreate) {
      throw notOurs(existing);
    }
  }

  @Override
  public void delete(String name) {
    throw notOurs(hub(name));
  }

  private static RuntimeException notOurs(Hub hub) {
    return Status.FAILED_PRECONDITION
        .withDescription(
            "The task hub '%s' belongs to the program that runs this server, and cannot be removed through it."
                .formatted(hub.name()))
        .asRuntimeException();
  }
}
