package com.example.functions;

import com.microsoft.durabletask.DataConverter;
import com.microsoft.durabletask.JacksonDataConverter;
import com.microsoft.durabletask.TaskOrchestrationContext;

/**
 * What an orchestration is given. {@code http_start} passes every body on as text, so an
 * orchestrator that wants more than text finds JSON in it.
 */
final class Input {
  private static final DataConverter JSON = new JacksonDataConverter();

  private Input() {}

  /** The input as an object, which it may be already, or the text of one. */
  static <T> T read(TaskOrchestrationContext context, Class<T> type) {
    Object input = context.getInput(Object.class);
    String json = input instanceof String text ? text : JSON.serialize(input);
    T value = json == null || json.isBlank() ? null : JSON.deserialize(json, type);
    if (value == null) {
      throw new IllegalArgumentException(context.getName() + " needs a JSON object as its input");
    }
    return value;
  }
}
