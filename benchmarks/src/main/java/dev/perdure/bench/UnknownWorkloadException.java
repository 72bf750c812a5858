package dev.perdure.bench;

/** There is no workload of a name that was asked for; the message lists those there are. */
public final class UnknownWorkloadException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  UnknownWorkloadException(String name, String known) {
    super("There is no workload '%s'. There are: %s.".formatted(name, known));
  }
}
