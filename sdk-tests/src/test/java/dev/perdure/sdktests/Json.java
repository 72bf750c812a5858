package dev.perdure.sdktests;

import com.microsoft.durabletask.JacksonDataConverter;

/** JSON as the SDK reads it. */
final class Json {
  private Json() {}

  static Object read(String json) {
    return new JacksonDataConverter().deserialize(json, Object.class);
  }
}
