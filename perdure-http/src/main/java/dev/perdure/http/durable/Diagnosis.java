package dev.perdure.http.durable;

import dev.perdure.api.AuditReport;
import dev.perdure.api.Explanation;
import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HubBusyException;
import dev.perdure.api.HubClosedException;
import dev.perdure.api.InstanceNotFoundException;
import dev.perdure.api.InvalidInstanceIdException;
import dev.perdure.api.Payload;
import dev.perdure.http.Access;
import dev.perdure.http.Handler;
import dev.perdure.http.Request;
import dev.perdure.http.Response;
import dev.perdure.http.Router;
import dev.perdure.store.StoreException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Says why something is where it is, while the server runs: {@code /hubs/{hub}/explain/{instance}}
 * and {@code /hubs/{hub}/audit}, as text for people, or as {@linkplain DiagnosisJson JSON} for who
 * names {@code application/json} in {@code Accept}. Nothing of these tells of payloads. {@code
 * /hubs/{hub}/history/{instance}} is a whole history with all payloads, as a document to be
 * replayed. Safe from any thread.
 */
public final class Diagnosis {
  private static final Pattern COMMA = Pattern.compile(",");

  private final TaskHubs hubs;
  private final Access access;
  private final HistoryFormat histories;

  /** Writes histories down. */
  @FunctionalInterface
  public interface HistoryFormat {
    /** A history as JSON. */
    String write(String instanceId, List<HistoryEvent> events);
  }

  /**
   * Tells of some hubs those who are let in.
   *
   * @param histories how histories are written
   */
  public Diagnosis(TaskHubs hubs, Access access, HistoryFormat histories) {
    this.hubs = hubs;
    this.access = access;
    this.histories = histories;
  }

  /** Adds the routes. */
  public Router.Builder addTo(Router.Builder router) {
    return router
        .page("/hubs/{hub}/explain/{*instance}", forHub(Diagnosis::explain))
        .page("/hubs/{hub}/history/{*instance}", forHub(this::history))
        .page("/hubs/{hub}/audit", forHub(Diagnosis::audit));
  }

  @FunctionalInterface
  private interface Question {
    Response answer(Request request, TaskHub hub);
  }

  private Handler forHub(Question question) {
    return access.guarding(request -> CompletableFuture.completedFuture(answer(request, question)));
  }

  private Response answer(Request request, Question question) {
    try {
      String name = value(request, "hub");
      Optional<TaskHub> hub = hubs.find(name);
      return hub.map(found -> question.answer(request, found))
          .orElseGet(() -> Response.text(404, "There is no task hub '%s' here.\n".formatted(name)));
    } catch (InstanceNotFoundException e) {
      return Response.text(404, e.getMessage() + "\n");
    } catch (InvalidInstanceIdException | IllegalArgumentException e) {
      return Response.text(400, e.getMessage() + "\n");
    } catch (HubClosedException | HubBusyException e) {
      return Response.text(503, e.getMessage() + "\n").withHeader("Retry-After", "1");
    } catch (StoreException e) {
      return Response.text(500, e.getMessage() + "\n");
    }
  }

  private static Response explain(Request request, TaskHub hub) {
    Explanation explanation = hub.engine().client().explain(value(request, "instance"));
    return wantsJson(request)
        ? Response.json(200, DiagnosisJson.of(explanation))
        : Response.text(200, explanation + "\n");
  }

  private Response history(Request request, TaskHub hub) {
    String instance = value(request, "instance");
    List<HistoryEvent> events = hub.engine().client().history(instance);
    return Response.json(200, Payload.of(histories.write(instance, events)));
  }

  private static Response audit(Request request, TaskHub hub) {
    AuditReport report = hub.engine().client().audit();
    return wantsJson(request)
        ? Response.json(200, DiagnosisJson.of(report))
        : Response.text(200, text(report));
  }

  /** Browsers, which take anything, get text. */
  private static boolean wantsJson(Request request) {
    return request.headers().all("Accept").stream()
        .flatMap(COMMA::splitAsStream)
        .map(range -> range.replaceFirst(";.*", "").strip())
        .anyMatch("application/json"::equalsIgnoreCase);
  }

  private static String text(AuditReport report) {
    StringBuilder text = new StringBuilder();
    text.append(
        "%d orchestrations that have not ended, %d entities: %s%n"
            .formatted(
                report.orchestrations(),
                report.entities(),
                report.isClean()
                    ? "everything will be woken."
                    : "nothing will wake some of them; this is a defect, please report it."));
    report.findings().forEach(finding -> text.append("finding: ").append(finding).append('\n'));
    report.notes().forEach(note -> text.append("note: ").append(note).append('\n'));
    return text.toString();
  }

  private static String value(Request request, String name) {
    @Nullable String value = request.values().get(name);
    return value == null ? "" : value;
  }
}
