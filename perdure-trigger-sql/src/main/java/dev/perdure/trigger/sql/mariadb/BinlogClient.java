package dev.perdure.trigger.sql.mariadb;

import com.github.shyiko.mysql.binlog.BinaryLogClient;
import com.github.shyiko.mysql.binlog.network.SSLMode;
import com.github.shyiko.mysql.binlog.network.protocol.command.QueryCommand;
import dev.perdure.trigger.sql.connect.Database;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.mariadb.jdbc.Configuration;
import org.mariadb.jdbc.HostAddress;

/** A connection that reads the binary log, as replicas of the server do. */
final class BinlogClient extends BinaryLogClient {
  private static final Duration CONNECT = Duration.ofSeconds(15);

  /** A server with nothing to say says so this often. */
  private static final Duration HEARTBEAT = Duration.ofSeconds(10);

  /** A server that says nothing for this long is gone. */
  private static final Duration SILENCE = Duration.ofSeconds(30);

  /**
   * How long the server waits while nothing is read, which is as long as a function runs; otherwise
   * a minute.
   */
  private static final Duration PATIENCE = Duration.ofDays(1);

  /** Ids of replicas are chosen at random above those that people give to servers. */
  private static final long FIRST_ID = 1_000_000_000;

  private static final long LAST_ID = 4_000_000_000L;

  private BinlogClient(HostAddress address, String user, String password) {
    super(address.host, address.port, user, password);
  }

  /** A client that has not connected; it does not come back by itself when it is cut off. */
  static BinlogClient of(Database database, BinlogPosition from) throws SQLException {
    Configuration configuration = Configuration.parse(database.url(), database.driverProperties());
    if (configuration == null || configuration.addresses().isEmpty()) {
      throw new SQLException("The connection string names no server.");
    }
    String user = configuration.user();
    String password = configuration.password();
    BinlogClient client =
        new BinlogClient(
            configuration.addresses().getFirst(),
            user == null ? "" : user,
            password == null ? "" : password);
    client.setSSLMode(
        switch (configuration.sslMode()) {
          case ALLOW -> SSLMode.PREFERRED;
          case TRUST -> SSLMode.REQUIRED;
          case VERIFY_CA -> SSLMode.VERIFY_CA;
          case VERIFY_FULL -> SSLMode.VERIFY_IDENTITY;
          default -> SSLMode.DISABLED;
        });
    client.setBinlogFilename(from.file());
    client.setBinlogPosition(from.offset());
    client.setServerId(ThreadLocalRandom.current().nextLong(FIRST_ID, LAST_ID));
    client.setKeepAlive(false);
    client.setHeartbeatInterval(HEARTBEAT.toMillis());
    client.setConnectTimeout(CONNECT.toMillis());
    client.setSocketFactory(BinlogClient::socket);
    return client;
  }

  private static Socket socket() throws SocketException {
    Socket socket = new Socket();
    socket.setSoTimeout((int) SILENCE.toMillis());
    return socket;
  }

  @Override
  protected void setupConnection() throws IOException {
    super.setupConnection();
    channel.write(new QueryCommand("SET SESSION net_write_timeout = " + PATIENCE.toSeconds()));
    checkError(channel.read());
  }
}
