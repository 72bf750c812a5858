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

  private final Supplier<Address> address;

  /**
   * Where the hub is.
   *
   * @param hub its name
   * @param rpc the base address for gRPC
   * @param http the base address of the HTTP API
   * @param query what links must carry, such as {@code code=...}; null for nothing
   */
  public record Address(String hub, String rpc, String http, @Nullable String query) {}

  /** An input for functions of a host that is known only when they run. */
  public ClientInput(Supplier<Address> address) {
    this.address = address;
  }

  @Override
  public String type() {
    return "durableClient";
  }

  @Override
  public Input create(
      FunctionDefinition function, Binding binding, TriggerEnvironment environment) {
    String hub = binding.text("taskHub");
    String wanted = hub == null ? null : environment.settings().resolve(hub);
    return invocation -> {
      Address to = address.get();
      if (wanted != null && !wanted.equalsIgnoreCase(to.hub())) {
        throw new InvalidTriggerException(
            "The durable client of function '%s' names the task hub '%s'; this host has the hub '%s'."
                .formatted(function.name(), wanted, to.hub()));
      }
      return new Value.Subtype(json(to), SHARING::get);
    };
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

  private static String json(Address to) {
    Map<String, String> values = new LinkedHashMap<>();
    values.put("taskHubName", to.hub());
    // Links are made by appending it, so it must be there even if it says nothing.
    values.put("requiredQueryStringParameters", to.query() == null ? "" : to.query());
    values.put("rpcBaseUrl", to.rpc());
    values.put("httpBaseUrl", to.http());
    return String.valueOf(Results.json(values));
  }
}
