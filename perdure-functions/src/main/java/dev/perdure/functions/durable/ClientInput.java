package dev.perdure.functions.durable;

import dev.perdure.functions.definition.Binding;
import dev.perdure.functions.definition.FunctionDefinition;
import dev.perdure.functions.invoke.Results;
import dev.perdure.functions.trigger.InputType;
import dev.perdure.functions.trigger.InvalidTriggerException;
import dev.perdure.functions.trigger.TriggerEnvironment;
import dev.perdure.functions.trigger.Value;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The input {@code durableClient}: where the library's client finds the task hub. */
public final class ClientInput implements InputType {
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
      return new Value.Text(json(to));
    };
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
