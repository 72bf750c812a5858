package com.example.functions;

import com.microsoft.azure.functions.ExecutionContext;
import com.microsoft.azure.functions.annotation.FunctionName;
import com.microsoft.durabletask.RetryPolicy;
import com.microsoft.durabletask.TaskFailedException;
import com.microsoft.durabletask.TaskOptions;
import com.microsoft.durabletask.TaskOrchestrationContext;
import com.microsoft.durabletask.azurefunctions.DurableActivityTrigger;
import com.microsoft.durabletask.azurefunctions.DurableOrchestrationTrigger;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Looks at an address every few seconds until something is there, or for long enough. */
public class Monitor {
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

  /** What to look for, and what is known of it. Goes from one round to the next. */
  public static class Watch {
    public String url;

    /** Seconds between two looks. */
    public int every = 10;

    /** Seconds after which it gives up. */
    public int within = 60 * 60;

    /** When it gives up; set by the first round. */
    public String until;

    public int looks;

    /** The last HTTP status. */
    public int status;

    /** found or not found, in the end. */
    public String outcome;
  }

  @FunctionName("monitor_orchestrator")
  public Watch orchestrate(
      @DurableOrchestrationTrigger(name = "context") TaskOrchestrationContext context) {
    Watch watch = Input.read(context, Watch.class);
    if (watch.url == null || watch.every <= 0 || watch.within < 0) {
      throw Input.bad(context, "there must be a url, every above 0, and within not below 0");
    }
    if (watch.until == null) {
      watch.until = context.getCurrentInstant().plusSeconds(watch.within).toString();
    }

    // A server that does not answer at all is tried three times, with longer and longer pauses.
    RetryPolicy policy = new RetryPolicy(3, Duration.ofSeconds(1)).setBackoffCoefficient(2);
    try {
      watch.status =
          context
              .callActivity("look_at_address", watch, new TaskOptions(policy), Integer.class)
              .await();
    } catch (TaskFailedException e) {
      context.setCustomStatus("Cannot look: " + e.getErrorDetails().getErrorMessage());
      throw e;
    }
    watch.looks++;
    Instant next = context.getCurrentInstant().plusSeconds(watch.every);
    if (watch.status >= 200 && watch.status < 300) {
      watch.outcome = "found";
      return watch;
    } else if (next.isAfter(Instant.parse(watch.until))) {
      watch.outcome = "not found";
      return watch;
    }

    context.setCustomStatus("Looks again at " + next + ", the last status was " + watch.status);
    context.createTimer(Duration.ofSeconds(watch.every)).await();
    // The next round begins with a history of its own, so that years of waiting stay cheap.
    context.continueAsNew(watch);
    return watch;
  }

  @FunctionName("look_at_address")
  public int look(@DurableActivityTrigger(name = "watch") Watch watch, ExecutionContext context)
      throws IOException, InterruptedException {
    URI address = URI.create(watch.url);
    if (!isAllowed(address)) {
      throw new IllegalArgumentException("The setting MONITOR_HOSTS does not have this host");
    }
    HttpRequest request =
        HttpRequest.newBuilder(address)
            .method("HEAD", BodyPublishers.noBody())
            .timeout(Duration.ofSeconds(10))
            .build();
    try {
      int status = CLIENT.send(request, BodyHandlers.discarding()).statusCode();
      context.getLogger().info("Looked, and the status is " + status);
      return status;
    } catch (IOException e) {
      throw new IOException(address.getAuthority() + " does not answer", e);
    }
  }

  /** Callers choose the address, so only these hosts are looked at, and redirects not followed. */
  private static boolean isAllowed(URI address) {
    String hosts = System.getenv().getOrDefault("MONITOR_HOSTS", "");
    return address.getHost() != null
        && List.of("http", "https").contains(address.getScheme())
        && List.of(hosts.split("[,\\s]+")).contains(address.getHost());
  }
}
