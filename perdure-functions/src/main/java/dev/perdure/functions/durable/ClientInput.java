package dev.perdure.functions.durable;

import dev.perdure.functions.definition.Binding;
import dev.perdure.functions.definition.FunctionDefinition;
import dev.perdure.functions.invoke.Results;
import dev.perdure.functions.trigger.InputType;
import dev.perdure.functions.trigger.InvalidTriggerException;
import dev.perdure.functions.trigger.TriggerEnvironment;
import dev.perdure.functions.trigger.Value;
import java.lang.System.Logger.Level;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The input {@code durableClient}: where the library's client finds the task hub. */
public final class ClientInput implements InputType {
  private static final System.Logger LOG = System.getLogger("dev.perdure.functions.durable");
  private static final String CONTEXT =
      "com.microsoft.durabletask.azurefunctions.DurableClientContext";
  private static final String SHARING_CONTEXT = "dev.perdure.functions.client.SharedClientContext";

  private static final ClassValue<Class<?>> SHARING =
      new ClassValue<>() {
        @Override
        protected Class<?> computeValue(Class<?> type) {
          return sharing(type);
        }
      };

  private final String hub;
  private final Supplier<Address> address;

  /**
   * Where the hub is.
   *
   * @param rpc the base address for gRPC
   * @param http the base address of the HTTP API
   * @param query what links must carry, such as {@code code=...}; null for nothing
   */
  public record Address(String rpc, String http, @Nullable String query) {}

  /**
   * An input for functions of a host.
   *
   * @param hub the name of its hub
   * @param address where it is, which is asked for only when they run
   */
  public ClientInput(String hub, Supplier<Address> address) {
    this.hub = hub;
    this.address = address;
  }

  @Override
  public String type() {
    return "durableClient";
  }

  @Override
  public Input create(
      FunctionDefinition function, Binding binding, TriggerEnvironment environment) {
    String named = binding.text("taskHub");
    String wanted = named == null ? hub : environment.settings().resolve(named);
    if (!wanted.equalsIgnoreCase(hub)) {
      throw new InvalidTriggerException(
          "Its durable client names the task hub '%s', and this host has the hub '%s'. Leave taskHub out, or name this hub; which one it is, hubName in host.json says."
              .formatted(wanted, hub));
    }
    return invocation -> new Value.Subtype(json(address.get()), SHARING::get);
  }

  /**
   * The context that shares its client, in place of the library's own; whatever class that is not
   * known stays as it is.
   */
  private static Class<?> sharing(Class<?> context) {
    if (!context.getName().equals(CONTEXT)) {
      return context;
    }
    try {
      return Class.forName(SHARING_CONTEXT, true, context.getClassLoader());
    } catch (ClassNotFoundException | LinkageError e) {
      LOG.log(
          Level.WARNING,
          "Functions do not share a client of the task hub: this version of the library is not known",
          e);
      return context;
    }
  }

  private String json(Address to) {
    Map<String, String> values = new LinkedHashMap<>();
    values.put("taskHubName", hub);
    // Links are made by appending it, so it must be there even if it says nothing.
    values.put("requiredQueryStringParameters", to.query() == null ? "" : to.query());
    values.put("rpcBaseUrl", to.rpc());
    values.put("httpBaseUrl", to.http());
    return String.valueOf(Results.json(values));
  }
}
