package com.example.functions;

import static java.util.stream.Collectors.joining;

import com.microsoft.durabletask.DataConverter;
import com.microsoft.durabletask.JacksonDataConverter;
import com.microsoft.durabletask.TaskOrchestrationContext;
import java.lang.reflect.Field;
import java.util.stream.Stream;

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
    T value = null;
    try {
      value = json == null || json.isBlank() ? null : JSON.deserialize(json, type);
    } catch (DataConverter.DataConverterException e) {
      // Its message quotes the input.
    }
    if (value == null) {
      String fields =
          Stream.of(type.getFields()).map(Field::getName).sorted().collect(joining(", "));
      throw bad(context, "it must be a JSON object with fields out of " + fields);
    }
    return value;
  }

  /** Says what is wrong also in the status, because the library keeps causes of failures back. */
  static IllegalArgumentException bad(TaskOrchestrationContext context, String why) {
    context.setCustomStatus("Bad input: " + why);
    return new IllegalArgumentException(why);
  }
}
