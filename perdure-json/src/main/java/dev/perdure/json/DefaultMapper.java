package dev.perdure.json;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.cfg.MapperConfig;
import tools.jackson.databind.introspect.Annotated;
import tools.jackson.databind.introspect.AnnotatedClass;
import tools.jackson.databind.introspect.AnnotatedConstructor;
import tools.jackson.databind.introspect.AnnotationIntrospectorPair;
import tools.jackson.databind.introspect.JacksonAnnotationIntrospector;
import tools.jackson.databind.introspect.NopAnnotationIntrospector;
import tools.jackson.databind.introspect.VisibilityChecker;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;

/** How Jackson is set up, and why it differs from its defaults. */
final class DefaultMapper {
  private DefaultMapper() {}

  static JsonMapper.Builder builder() {
    JsonMapper.Builder builder = JsonMapper.builder(withoutLimits());
    equalValuesGiveEqualBytes(builder);
    whatIsReadIsWhatWasWritten(builder);
    classesNeedNoPreparation(builder);
    otherVersionsOfTheProgramMayRead(builder);
    return builder.disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION);
  }

  /** Only payloads have a limit, which both sides know: what can be written can be read. */
  private static JsonFactory withoutLimits() {
    return JsonFactory.builder()
        .streamReadConstraints(
            StreamReadConstraints.builder()
                .maxNumberLength(Integer.MAX_VALUE)
                .maxNameLength(Integer.MAX_VALUE)
                .maxStringLength(Integer.MAX_VALUE)
                .build())
        .build();
  }

  private static void equalValuesGiveEqualBytes(JsonMapper.Builder builder) {
    // In which order, and of which maps, is for CompleteSerializers to say; it does the sets too.
    builder.enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);
    builder.enable(
        MapperFeature.SORT_PROPERTIES_ALPHABETICALLY, MapperFeature.SORT_CREATOR_PROPERTIES_FIRST);
  }

  private static void whatIsReadIsWhatWasWritten(JsonMapper.Builder builder) {
    // Times keep their own zone instead of being moved to UTC.
    builder.enable(DateTimeFeature.WRITE_DATES_WITH_ZONE_ID);
    builder.disable(
        DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS,
        DateTimeFeature.WRITE_DURATIONS_AS_TIMESTAMPS,
        DateTimeFeature.WRITE_DATES_WITH_CONTEXT_TIME_ZONE,
        DateTimeFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE,
        DateTimeFeature.NORMALIZE_DESERIALIZED_ZONE_ID);
    // The names of constants are stable; what toString shows, and their order, are not.
    builder.disable(
        EnumFeature.READ_ENUMS_USING_TO_STRING, EnumFeature.WRITE_ENUMS_USING_TO_STRING);
    builder.enable(EnumFeature.FAIL_ON_NUMBERS_FOR_ENUMS);
    // No silent losses: 1.5 is not an int, "" is not null, an object without properties is not {}.
    builder.disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT);
    builder.withCoercionConfigDefaults(
        config -> config.setCoercion(CoercionInputShape.EmptyString, CoercionAction.Fail));
    // These have a value that is written like that.
    for (Class<?> type : List.of(Locale.class, URI.class)) {
      builder.withCoercionConfig(
          type,
          config -> config.setCoercion(CoercionInputShape.EmptyString, CoercionAction.AsEmpty));
    }
    // A tree keeps all digits of a number.
    builder.enable(JsonNodeFeature.USE_BIG_DECIMAL_FOR_FLOATS);
    builder.disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES);
    builder.enable(SerializationFeature.FAIL_ON_EMPTY_BEANS);
    // A field that is final is written, so it has to be read back as well.
    builder.enable(MapperFeature.ALLOW_FINAL_FIELDS_AS_MUTATORS);
    builder.addModule(
        new SimpleModule("perdure")
            .setSerializerModifier(new CompleteSerializers())
            .setDeserializerModifier(new CompleteDeserializers()));
  }

  private static void classesNeedNoPreparation(JsonMapper.Builder builder) {
    builder.enable(MapperFeature.INFER_RECORD_GETTERS_FROM_COMPONENTS_ONLY);
    builder.annotationIntrospector(
        new AnnotationIntrospectorPair(new JacksonAnnotationIntrospector(), new UserClasses()));
  }

  private static void otherVersionsOfTheProgramMayRead(JsonMapper.Builder builder) {
    builder.disable(
        DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
        DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES,
        DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES);
  }

  /** What classes of users mean where they have no annotations. */
  private static final class UserClasses extends NopAnnotationIntrospector {
    private static final long serialVersionUID = 1L;

    /**
     * A constructor without parameters is the one to read with, whether the names of parameters are
     * known or not: others may do more than to set fields.
     */
    @Override
    public JsonCreator.@Nullable Mode findCreatorAnnotation(
        MapperConfig<?> config, Annotated creator) {
      return creator instanceof AnnotatedConstructor constructor
              && constructor.getParameterCount() > 0
              && isMadeWithoutParameters(constructor.getDeclaringClass())
          ? JsonCreator.Mode.DISABLED
          : null;
    }

    private static boolean isMadeWithoutParameters(Class<?> type) {
      return !type.isRecord()
          && !inheritsFieldsOfTheJdk(type)
          && Arrays.stream(type.getDeclaredConstructors())
              .anyMatch(constructor -> constructor.getParameterCount() == 0)
          && Stream.concat(
                  Arrays.stream(type.getDeclaredMethods()), Arrays.stream(type.getDeclaredFields()))
              .noneMatch(member -> member.isAnnotationPresent(JsonValue.class));
    }

    /**
     * Private fields are part of a value, or it would lose its state on the way. Not so where a
     * class inherits from the JDK, whose fields are closed to us: there getters must do.
     */
    @Override
    public VisibilityChecker findAutoDetectVisibility(
        MapperConfig<?> config, AnnotatedClass type, VisibilityChecker checker) {
      return inheritsFieldsOfTheJdk(type.getRawType())
          ? checker
          : checker
              .withFieldVisibility(Visibility.ANY)
              .withCreatorVisibility(Visibility.NON_PRIVATE);
    }

    private static boolean inheritsFieldsOfTheJdk(Class<?> type) {
      for (Class<?> at = type; at != null; at = at.getSuperclass()) {
        if (at != Object.class
            && at != Record.class
            && at != Enum.class
            && at.getName().startsWith("java.")) {
          return true;
        }
      }
      return false;
    }
  }
}
