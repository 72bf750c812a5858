package dev.perdure.functions.client;

import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Iterator;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/**
 * The JDBC drivers of an app, known to {@link DriverManager} until this is closed. The JDK looks
 * for drivers once in a process, for whoever is the first to want one, and only code whose class
 * loader has a driver's class may see the driver or take it back. So both are done from within the
 * class loader of the app, each time that the app is loaded.
 */
public final class JdbcDrivers implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("dev.perdure.functions");

  /** So many drivers that cannot be loaded are passed over; what follows them is not looked at. */
  private static final int BROKEN_MAX = 100;

  private static final ClassLoader APP = JdbcDrivers.class.getClassLoader();

  /** Registers the drivers that the app names as services. One that cannot be loaded is logged. */
  public JdbcDrivers() {
    inTheApp(JdbcDrivers::register);
  }

  /** Takes back all drivers that are classes of the app, whoever has registered them. */
  @Override
  public void close() {
    inTheApp(JdbcDrivers::deregister);
  }

  private static void inTheApp(Runnable action) {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(APP);
    try {
      action.run();
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  /** A driver registers itself when its class is initialised. */
  private static void register() {
    Iterator<Driver> drivers = ServiceLoader.load(Driver.class, APP).iterator();
    for (int broken = 0; broken < BROKEN_MAX; ) {
      try {
        if (!drivers.hasNext()) {
          return;
        }
        Driver unused = drivers.next();
      } catch (ServiceConfigurationError | LinkageError e) {
        broken++;
        LOG.log(
            System.Logger.Level.WARNING,
            "A JDBC driver of the app cannot be loaded, and is passed over: " + reason(e));
      }
    }
  }

  private static String reason(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return failure.getCause() == null ? failure.toString() : failure.getMessage() + ", " + root;
  }

  private static void deregister() {
    DriverManager.drivers()
        .filter(driver -> APP.equals(driver.getClass().getClassLoader()))
        .forEach(
            driver -> {
              try {
                DriverManager.deregisterDriver(driver);
              } catch (SQLException | RuntimeException e) {
                LOG.log(
                    System.Logger.Level.WARNING,
                    "The JDBC driver " + driver.getClass().getName() + " cannot be taken back",
                    e);
              }
            });
  }
}
