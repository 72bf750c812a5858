package dev.perdure.engine.codec;

import dev.perdure.api.FailureDetails;
import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HistoryEvent.TaskScheduled;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.ParentInstance;
import dev.perdure.api.Payload;
import dev.perdure.api.Problem;
import dev.perdure.api.TraceContext;
import java.lang.reflect.Constructor;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** Makes records of any kind with arbitrary content, so that no kind can be forgotten in a test. */
public final class Samples {
  private static final List<String> TEXTS =
      List.of(
          "",
          "a",
          "plain ASCII text",
          "\u0000\u0001\u007f",
          "\u0080\u00ff",
          "Grüße, 東京, Привет",
          "\uD83D\uDE80 beyond the first plane \uD834\uDD1E",
          "x".repeat(70_000),
          "ß".repeat(40_000));

  private final RandomGenerator random;

  /** Samples that are always the same for the same source. */
  public Samples(RandomGenerator random) {
    this.random = random;
  }

  /** All records of a sealed interface. */
  public static List<Class<?>> kinds(Class<?> sealed) {
    List<Class<?>> kinds = new ArrayList<>();
    for (Class<?> permitted : sealed.getPermittedSubclasses()) {
      if (permitted.isRecord()) {
        kinds.add(permitted);
      } else {
        kinds.addAll(kinds(permitted));
      }
    }
    return kinds;
  }

  /** A record of a kind. */
  public <T> T of(Class<T> kind) {
    try {
      RecordComponent[] components = kind.getRecordComponents();
      Class<?>[] types =
          Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
      Constructor<T> constructor = kind.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      Object[] values = new Object[components.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = value(components[i]);
      }
      return constructor.newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(kind.toString(), e);
    }
  }

  /** A record of a kind, or of any kind of a sealed interface. */
  public Object any(Class<?> type) {
    if (type.isRecord()) {
      return of(type);
    }
    List<Class<?>> kinds = kinds(type);
    return of(kinds.get(random.nextInt(kinds.size())));
  }

  private Object value(RecordComponent component) {
    boolean nullable =
        Arrays.stream(component.getAnnotatedType().getAnnotations())
            .anyMatch(a -> a.annotationType().getSimpleName().equals("Nullable"));
    return nullable && random.nextInt(3) == 0 ? null : value(component.getGenericType());
  }

  private Object value(Type type) {
    if (type == int.class || type == Integer.class) {
      return random.nextInt() >> random.nextInt(32);
    }
    if (type == long.class) {
      return random.nextLong() >> random.nextInt(64);
    }
    if (type == boolean.class) {
      return random.nextBoolean();
    }
    if (type == String.class) {
      return text();
    }
    if (type == Instant.class) {
      return Instant.ofEpochMilli(random.nextLong() >> 16);
    }
    if (type == Payload.class) {
      byte[] bytes = new byte[random.nextInt(4) * random.nextInt(300)];
      random.nextBytes(bytes);
      return Payload.of(bytes);
    }
    if (type == ParentInstance.class) {
      return new ParentInstance(
          text(),
          text(),
          text(),
          random.nextBoolean() ? text() : "",
          random.nextInt(),
          random.nextBoolean() ? random.nextInt() : 0);
    }
    if (type == TraceContext.class) {
      return new TraceContext(text(), random.nextBoolean() ? text() : null);
    }
    if (type == FailureDetails.class) {
      return failure(random.nextInt(4));
    }
    if (type == Problem.class) {
      return new Problem(one(Problem.Kind.values()), text());
    }
    if (type == OrchestrationStatus.class) {
      return one(OrchestrationStatus.values());
    }
    if (type instanceof ParameterizedType generic && generic.getRawType() == List.class) {
      Type element = generic.getActualTypeArguments()[0];
      List<Object> list = new ArrayList<>();
      for (int i = random.nextInt(4); i > 0; i--) {
        list.add(element == HistoryEvent.class ? of(TaskScheduled.class) : value(element));
      }
      return List.copyOf(list);
    }
    if (type instanceof ParameterizedType generic && generic.getRawType() == Map.class) {
      return random.nextBoolean() ? Map.of() : Map.of("k" + text(), text(), "", text());
    }
    if (type instanceof Class<?> kind && (kind.isRecord() || kind.isSealed())) {
      return any(kind);
    }
    throw new AssertionError("Teach Samples to make a " + type);
  }

  private FailureDetails failure(int causes) {
    return new FailureDetails(
        text(),
        text(),
        random.nextBoolean() ? null : text(),
        causes == 0 ? null : failure(causes - 1),
        random.nextBoolean(),
        random.nextInt(3) == 0 ? Payload.of("{\"a\":1}") : null);
  }

  private String text() {
    return TEXTS.get(
        random.nextInt(10) == 0 ? random.nextInt(TEXTS.size()) : random.nextInt(TEXTS.size() - 2));
  }

  private <T> T one(T[] values) {
    return values[random.nextInt(values.length)];
  }
}
