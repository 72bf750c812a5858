package dev.perdure.sdktests;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A network between an SDK and a server that goes wrong on request: it cuts connections, slows
 * bytes down, or swallows them without a word.
 */
final class ChaosProxy implements AutoCloseable {
  private static final int BUFFER_BYTES = 16 * 1024;

  private final ServerSocket listener;
  private final int target;
  private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
  private final AtomicInteger accepted = new AtomicInteger();
  private volatile Duration delay = Duration.ZERO;
  private volatile boolean refusing;
  private volatile boolean closed;

  private ChaosProxy(ServerSocket listener, int target) {
    this.listener = listener;
    this.target = target;
  }

  /** Starts one in front of a port of this machine. */
  static ChaosProxy inFrontOf(int target) throws IOException {
    ChaosProxy proxy =
        new ChaosProxy(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), target);
    Thread.ofVirtual().start(proxy::accept);
    return proxy;
  }

  int port() {
    return listener.getLocalPort();
  }

  /** How many connections there have been. */
  int accepted() {
    return accepted.get();
  }

  int connections() {
    return connections.size();
  }

  /** Cuts all connections; new ones are welcome. */
  void cut() {
    connections.forEach(Connection::close);
  }

  /** Cuts all connections, and every new one at once, until it is told otherwise. */
  void refuse(boolean refuse) {
    refusing = refuse;
    if (refuse) {
      cut();
    }
  }

  /** Keeps every piece of data back for so long. */
  void delay(Duration each) {
    delay = each;
  }

  /**
   * Makes the connections that there are half-open: neither side hears anything any more, not even
   * that the other has closed. New connections work.
   */
  void freeze() {
    connections.forEach(Connection::freeze);
  }

  /** What was frozen moves again. */
  void thaw() {
    connections.forEach(Connection::thaw);
  }

  @Override
  public void close() throws IOException {
    closed = true;
    listener.close();
    cut();
  }

  private void accept() {
    while (!closed) {
      try {
        Socket client = listener.accept();
        accepted.incrementAndGet();
        if (refusing) {
          client.close();
          continue;
        }
        Socket server;
        try {
          server = new Socket(InetAddress.getLoopbackAddress(), target);
        } catch (IOException e) {
          client.close();
          continue;
        }
        new Connection(client, server).start();
      } catch (IOException e) {
        if (closed) {
          return;
        }
      }
    }
  }

  private final class Connection {
    private final Socket client;
    private final Socket server;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition moving = lock.newCondition();
    private boolean frozen;
    private boolean over;

    Connection(Socket client, Socket server) {
      this.client = client;
      this.server = server;
    }

    void start() throws IOException {
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
      connections.add(this);
      if (refusing) {
        close();
      }
      Thread.ofVirtual().start(() -> forward(client, server));
      Thread.ofVirtual().start(() -> forward(server, client));
    }

    private void forward(Socket from, Socket to) {
      byte[] buffer = new byte[BUFFER_BYTES];
      try {
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        int count;
        while ((count = in.read(buffer)) >= 0) {
          if (!delay.isZero()) {
            Thread.sleep(delay);
          }
          awaitMoving();
          out.write(buffer, 0, count);
        }
      } catch (IOException e) {
        // One side is gone, and so is the connection.
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      // A frozen connection does not even pass on that one side has closed it.
      awaitMoving();
      close();
    }

    private void awaitMoving() {
      lock.lock();
      try {
        while (frozen && !over) {
          moving.awaitUninterruptibly();
        }
      } finally {
        lock.unlock();
      }
    }

    void freeze() {
      lock.lock();
      try {
        frozen = true;
      } finally {
        lock.unlock();
      }
    }

    void thaw() {
      lock.lock();
      try {
        frozen = false;
        moving.signalAll();
      } finally {
        lock.unlock();
      }
    }

    void close() {
      connections.remove(this);
      lock.lock();
      try {
        over = true;
        moving.signalAll();
      } finally {
        lock.unlock();
      }
      closeQuietly(client);
      closeQuietly(server);
    }

    private static void closeQuietly(Socket socket) {
      try {
        // Not a polite goodbye: the other side gets a reset.
        socket.setSoLinger(true, 0);
        socket.close();
      } catch (IOException e) {
        // It was closed already.
      }
    }
  }
}
