package dev.perdure.http.durable;

import dev.perdure.api.AuditReport;
import dev.perdure.api.AuditReport.Finding;
import dev.perdure.api.Explanation;
import dev.perdure.api.FailureDetails;
import dev.perdure.api.ParentInstance;
import dev.perdure.api.Payload;
import dev.perdure.api.Problem;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/**
 * Explanations and reports of audits as JSON, for programs. Properties are always there, with null
 * for what is not known; times are in ISO 8601, UTC.
 */
public final class DiagnosisJson {
  private DiagnosisJson() {}

  /** An explanation, as one object. */
  public static Payload of(Explanation explanation) {
    return Json.object(
        json -> {
          json.writeStringProperty("instanceId", explanation.instanceId());
          json.writeStringProperty("status", explanation.status().name());
          json.writeStringProperty("summary", explanation.summary());
          json.writeArrayPropertyStart("waits");
          explanation.waits().forEach(wait -> write(json, wait));
          json.writeEndArray();
          Json.text(json, "codeLocation", explanation.codeLocation());
          Json.text(json, "codeHint", explanation.codeHint());
          FailureDetails failure = explanation.lastFailure();
          Json.text(json, "lastFailure", failure == null ? null : failure.toString());
          write(json, explanation.problem());
          ParentInstance parent = explanation.parent();
          Json.text(json, "parent", parent == null ? null : parent.instanceId());
        });
  }

  private static void write(JsonGenerator json, Explanation.Wait wait) {
    json.writeStartObject();
    json.writeStringProperty("kind", wait.kind());
    json.writeStringProperty("description", wait.description());
    write(json, "since", wait.since());
    write(json, "due", wait.due());
    json.writeArrayPropertyStart("on");
    wait.on().forEach(json::writeString);
    json.writeEndArray();
    Json.text(json, "detail", wait.detail());
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, @Nullable Problem problem) {
    if (problem == null) {
      json.writeNullProperty("problem");
      return;
    }
    json.writeObjectPropertyStart("problem");
    json.writeStringProperty("kind", problem.kind().name());
    json.writeStringProperty("message", problem.message());
    json.writeEndObject();
  }

  /** A report of an audit, as one object. */
  public static Payload of(AuditReport report) {
    return Json.object(
        json -> {
          json.writeNumberProperty("orchestrations", report.orchestrations());
          json.writeNumberProperty("entities", report.entities());
          write(json, "findings", report.findings());
          write(json, "notes", report.notes());
        });
  }

  private static void write(JsonGenerator json, String name, List<Finding> findings) {
    json.writeArrayPropertyStart(name);
    for (Finding finding : findings) {
      json.writeStartObject();
      json.writeStringProperty("instanceId", finding.instanceId());
      json.writeStringProperty("kind", finding.kind());
      json.writeStringProperty("description", finding.description());
      write(json, "since", finding.since());
      json.writeNumberProperty("others", finding.others());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void write(JsonGenerator json, String name, @Nullable Instant time) {
    Json.text(json, name, time == null ? null : time.toString());
  }
}
