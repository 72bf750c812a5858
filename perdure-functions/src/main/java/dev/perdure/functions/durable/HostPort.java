package dev.perdure.functions.durable;

import java.lang.System.Logger.Level;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Lets the clients in an app know that a port is that of the host which runs them, so that all
 * share one connection. It is said in the system properties, which are the same beyond class
 * loaders.
 */
public final class HostPort implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("dev.perdure.functions.durable");
  private static final String HOSTS = "perdure.functions.hosts";

  private final int port;
  private final Collection<AutoCloseable> connections = new ConcurrentLinkedQueue<>();

  private HostPort(int port) {
    this.port = port;
  }

  /** Says that a port is that of a host, until this is closed. */
  public static HostPort of(int port) {
    HostPort host = new HostPort(port);
    hosts().put(port, host.connections);
    return host;
  }

  @SuppressWarnings("unchecked") // put there below
  private static Map<Integer, Collection<AutoCloseable>> hosts() {
    return (Map<Integer, Collection<AutoCloseable>>)
        System.getProperties()
            .computeIfAbsent(
                HOSTS, name -> new ConcurrentHashMap<Integer, Collection<AutoCloseable>>());
  }

  /** Closes the connections of apps. */
  @Override
  public void close() {
    hosts().remove(port, connections);
    for (AutoCloseable connection : connections) {
      try {
        connection.close();
      } catch (Exception e) {
        LOG.log(Level.DEBUG, "A connection of an app could not be closed", e);
      }
    }
  }
}
