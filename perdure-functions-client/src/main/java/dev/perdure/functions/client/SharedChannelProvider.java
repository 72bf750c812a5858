package dev.perdure.functions.client;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.ManagedChannelProvider;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.SocketAddress;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Gives all clients in an app one connection to the host that runs it, however many clients are
 * made; found by gRPC as a service. Connections to anything else are left as they are.
 *
 * <p>The host lists its ports in the system properties, beyond the class loaders: {@link #HOSTS} is
 * a map from ports to collections, into which what has to be closed with the host is put.
 */
public final class SharedChannelProvider extends ManagedChannelProvider {
  /** The name of the property that holds the map. */
  public static final String HOSTS = "perdure.functions.hosts";

  private static final String LOADER = "perdure-app";
  private static final int FIRST = 10;
  private static final Map<Integer, ManagedChannel> CHANNELS = new ConcurrentHashMap<>();

  /** A provider; made by gRPC. */
  public SharedChannelProvider() {}

  @Override
  protected boolean isAvailable() {
    return LOADER.equals(getClass().getClassLoader().getName()) && next() != null;
  }

  @Override
  protected int priority() {
    return FIRST;
  }

  @Override
  protected ManagedChannelBuilder<?> builderForAddress(String name, int port) {
    ManagedChannelBuilder<?> real =
        build(
            "builderForAddress",
            new Class<?>[] {String.class, int.class},
            new Object[] {name, port});
    Collection<AutoCloseable> closing = name.equals("localhost") ? host(port) : null;
    return closing == null
        ? real
        : new SharedChannelBuilder(real, () -> shared(port, real, closing));
  }

  @Override
  protected ManagedChannelBuilder<?> builderForTarget(String target) {
    return build("builderForTarget", new Class<?>[] {String.class}, new Object[] {target});
  }

  @Override
  protected Collection<Class<? extends SocketAddress>> getSupportedSocketAddressTypes() {
    return List.of();
  }

  private static ManagedChannel shared(
      int port, ManagedChannelBuilder<?> real, Collection<AutoCloseable> closing) {
    return CHANNELS.computeIfAbsent(
        port,
        unused -> {
          ManagedChannel channel = real.build();
          closing.add(() -> close(port, channel));
          return new SharedChannel(channel);
        });
  }

  private static void close(int port, ManagedChannel channel) {
    CHANNELS.remove(port);
    ManagedChannel unused = channel.shutdownNow();
  }

  @SuppressWarnings("unchecked") // what the host has put there
  private static @Nullable Collection<AutoCloseable> host(int port) {
    return System.getProperties().get(HOSTS) instanceof Map<?, ?> hosts
        ? (Collection<AutoCloseable>) hosts.get(port)
        : null;
  }

  // ---- the provider that there would be without this one ----------------------------------------

  private static ManagedChannelBuilder<?> build(
      String method, Class<?>[] types, Object[] arguments) {
    ManagedChannelProvider next = next();
    if (next == null) {
      throw new IllegalStateException("There is no transport for gRPC in the app.");
    }
    return (ManagedChannelBuilder<?>) call(next, method, types, arguments);
  }

  private static @Nullable ManagedChannelProvider next() {
    ManagedChannelProvider best = null;
    int bestPriority = -1;
    ClassLoader loader = SharedChannelProvider.class.getClassLoader();
    for (ManagedChannelProvider provider :
        ServiceLoader.load(ManagedChannelProvider.class, loader)) {
      if (provider instanceof SharedChannelProvider
          || !(boolean) call(provider, "isAvailable", new Class<?>[0], new Object[0])) {
        continue;
      }
      int priority = (int) call(provider, "priority", new Class<?>[0], new Object[0]);
      if (priority > bestPriority) {
        best = provider;
        bestPriority = priority;
      }
    }
    return best;
  }

  /** What is protected there is meant for gRPC alone. */
  private static Object call(
      ManagedChannelProvider provider, String method, Class<?>[] types, Object[] arguments) {
    try {
      Method found = ManagedChannelProvider.class.getDeclaredMethod(method, types);
      found.setAccessible(true);
      return found.invoke(provider, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("This version of gRPC is not known to the host.", e);
    }
  }
}
