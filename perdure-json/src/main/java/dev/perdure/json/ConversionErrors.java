package dev.perdure.json;

import dev.perdure.api.DataConversionException;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.exc.StreamWriteException;
import tools.jackson.core.exc.UnexpectedEndOfInputException;
import tools.jackson.databind.exc.InvalidDefinitionException;
import tools.jackson.databind.exc.InvalidFormatException;
import tools.jackson.databind.exc.InvalidTypeIdException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.ValueInstantiationException;

/**
 * Says what Jackson found wrong, without quoting the payload. Jackson's own messages quote it, and
 * so may those of a user's constructors; neither is passed on, not even as a cause, because causes
 * are recorded and logged as well.
 */
final class ConversionErrors {
  /** A path deeper than this says no more to a reader; a cycle's has hundreds of steps. */
  private static final int PATH_STEPS_MAX = 12;

  private static final int ENUM_NAMES_MAX = 20;

  private static final Pattern QUOTED = Pattern.compile("\"[^\"]*\"|'[^']*'");

  private ConversionErrors() {}

  // ---- reading ------------------------------------------------------------------------------

  static DataConversionException emptyPayload(Type type) {
    return new DataConversionException(
        "Cannot read a payload as %s: it is empty, and JSON never is. Write null as null."
            .formatted(type.getTypeName()));
  }

  static DataConversionException whileReading(Type type, RuntimeException error) {
    if (origin(error) instanceof DataConversionException known) {
      return known;
    }
    return error(
        "Cannot read a payload as %s: ".formatted(type.getTypeName()),
        switch (error) {
          case UnexpectedEndOfInputException e -> "the JSON ends too early";
          case InputCoercionException e ->
              "a number is out of the range of %s".formatted(nameOf(e.getTargetType()));
          case StreamConstraintsException e -> "it exceeds a limit (%s)".formatted(unquoted(e));
          case StreamReadException e -> "it is not JSON";
          case InvalidTypeIdException e -> unknownTypeId(e);
          case InvalidFormatException e -> unfitText(e);
          case MismatchedInputException e -> unfitToken(e);
          case ValueInstantiationException e ->
              "%s refused its values%s"
                  .formatted(nameOf(e.getType().getRawClass()), thrownBy(e.getCause()));
          case InvalidDefinitionException e -> unquoted(e);
          default -> "the user's code failed" + thrownBy(origin(error));
        },
        error,
        error instanceof InvalidDefinitionException
            ? "Use a record, give the class a constructor without parameters, or compile it with"
                + " -parameters so that the names of its constructor's parameters are known."
            : "It was written for another type, or by a version of the program whose type differed:"
                + " ask for the type that was written, or keep the type able to read old values.");
  }

  private static String unknownTypeId(InvalidTypeIdException e) {
    String base = e.getBaseType() == null ? "the type" : nameOf(e.getBaseType().getRawClass());
    return e.getTypeId() == null
        ? "the type id that tells the subtypes of %s apart is missing".formatted(base)
        : "the type id is none of a subtype of %s".formatted(base);
  }

  private static String unfitText(InvalidFormatException e) {
    Class<?> target = e.getTargetType();
    if (target != null && target.isEnum()) {
      String names =
          Arrays.stream(target.getEnumConstants())
              .limit(ENUM_NAMES_MAX)
              .map(constant -> ((Enum<?>) constant).name())
              .collect(Collectors.joining(", "));
      return "a text is not the name of a constant of the enum %s (%s)"
          .formatted(target.getTypeName(), names);
    }
    return "%s is not a valid %s".formatted(token(e.getCurrentToken()), nameOf(target));
  }

  private static String unfitToken(MismatchedInputException e) {
    if (e.getOriginalMessage().startsWith("Trailing token")) {
      return "something follows the value";
    }
    return "%s is where %s is wanted"
        .formatted(token(e.getCurrentToken()), nameOf(e.getTargetType()));
  }

  private static String token(@Nullable JsonToken token) {
    return switch (token) {
      case START_OBJECT, END_OBJECT, PROPERTY_NAME -> "an object";
      case START_ARRAY, END_ARRAY -> "an array";
      case VALUE_STRING -> "a text";
      case VALUE_NUMBER_INT -> "a whole number";
      case VALUE_NUMBER_FLOAT -> "a number with a fraction";
      case VALUE_TRUE, VALUE_FALSE -> "a boolean";
      case VALUE_NULL -> "null";
      case VALUE_EMBEDDED_OBJECT, NOT_AVAILABLE -> "a value";
      case null -> "a value";
    };
  }

  // ---- writing ------------------------------------------------------------------------------

  static DataConversionException whileWriting(Class<?> type, RuntimeException error) {
    if (origin(error) instanceof DataConversionException known) {
      return known; // it says what is wrong already
    }
    return error(
        "Cannot write a value of %s as JSON: ".formatted(type.getTypeName()),
        switch (error) {
          case StreamConstraintsException e ->
              "it is nested too deeply, and probably refers back to itself";
          case StreamWriteException e -> "a part of it has no form as JSON";
          case InvalidDefinitionException e when noProperties(e) ->
              "%s has neither fields nor getters".formatted(nameOf(e.getType().getRawClass()));
          case InvalidDefinitionException e -> unquoted(e);
          case JacksonException e when e.getOriginalMessage().startsWith("Null key") ->
              "a map has the key null, and keys are texts in JSON";
          default -> "the user's code failed" + thrownBy(origin(error));
        },
        error,
        "Pass plain data: records, collections, text, numbers, times; or give the converter a"
            + " mapper that knows the type.");
  }

  private static boolean noProperties(InvalidDefinitionException e) {
    return e.getType() != null && e.getOriginalMessage().startsWith("No serializer found");
  }

  // ---- both ---------------------------------------------------------------------------------

  private static DataConversionException error(
      String failed, String reason, RuntimeException error, String remedy) {
    Throwable origin = origin(error);
    return new DataConversionException(
        "%s%s%s. %s".formatted(failed, reason, where(error), remedy),
        origin == null ? null : new WithoutMessage(origin));
  }

  private static String where(RuntimeException error) {
    if (!(error instanceof JacksonException jackson)) {
      return "";
    }
    String path = path(jackson.getPath());
    TokenStreamLocation location = jackson.getLocation();
    String position =
        location == null || location.getColumnNr() < 1
            ? ""
            : " (line %d, column %d)".formatted(location.getLineNr(), location.getColumnNr());
    return path.isEmpty() && position.isEmpty() ? "" : ", at " + "$" + path + position;
  }

  /** The names of properties, which are part of the program; keys of maps are part of the data. */
  private static String path(List<JacksonException.Reference> steps) {
    StringBuilder path = new StringBuilder();
    for (JacksonException.Reference step : steps.stream().limit(PATH_STEPS_MAX).toList()) {
      if (step.getPropertyName() == null) {
        path.append('[').append(step.getIndex()).append(']');
      } else if (isMap(step.from())) {
        path.append(".<key>");
      } else {
        path.append('.').append(step.getPropertyName());
      }
    }
    return path.append(steps.size() > PATH_STEPS_MAX ? "..." : "").toString();
  }

  private static boolean isMap(@Nullable Object from) {
    return from instanceof Map
        || (from instanceof Class<?> type && Map.class.isAssignableFrom(type));
  }

  /** The exception of the user's code, if one is behind it. */
  private static @Nullable Throwable origin(Throwable error) {
    if (error instanceof MismatchedInputException) {
      return null; // a text did not fit: what may be behind it is the parser of that text
    }
    Throwable at = error;
    while (at instanceof JacksonException) {
      at = at.getCause();
    }
    return at;
  }

  private static String thrownBy(@Nullable Throwable thrown) {
    return thrown == null ? "" : " (%s)".formatted(thrown.getClass().getName());
  }

  private static String nameOf(@Nullable Class<?> type) {
    return type == null ? "the type" : type.getTypeName();
  }

  /** What Jackson says about classes and limits, with nothing left of what it may have quoted. */
  private static String unquoted(JacksonException e) {
    String message = e.getOriginalMessage();
    return message == null ? "" : QUOTED.matcher(message).replaceAll("...").replace('`', '\'');
  }

  /** Where an exception came from, without what it said. */
  private static final class WithoutMessage extends RuntimeException {
    private static final long serialVersionUID = 1L;

    WithoutMessage(Throwable origin) {
      super(origin.getClass().getName() + " (its message may quote the payload and is left out)");
      setStackTrace(origin.getStackTrace());
    }
  }
}
