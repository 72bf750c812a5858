package dev.perdure.trigger.sql.postgres;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.SocketFactory;
import org.jspecify.annotations.Nullable;

/** Makes {@link LogSocket}s. The driver makes one of these by its name, with a text. */
public final class LogSocketFactory extends SocketFactory {
  /** The latest socket of a text, until it is fetched. */
  private static final Map<String, LogSocket> MADE = new ConcurrentHashMap<>();

  private final String key;

  /** For the driver. */
  public LogSocketFactory(String key) {
    this.key = key;
  }

  /** The latest socket that was made for a text; null if there is none. */
  static @Nullable LogSocket fetch(String key) {
    return MADE.remove(key);
  }

  @Override
  public Socket createSocket() {
    LogSocket socket = new LogSocket();
    MADE.put(key, socket);
    return socket;
  }

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    throw unused();
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress local, int localPort)
      throws IOException {
    throw unused();
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    throw unused();
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort)
      throws IOException {
    throw unused();
  }

  private static IOException unused() {
    return new IOException("The driver connects its sockets itself.");
  }
}
