package dev.perdure.grpc.worker;

/** A worker in this process that does nothing with what it is given. */
final class IdleWorker implements LocalWorker {
  @Override
  public void take(Work work) {}

  @Override
  public void ended() {}
}
