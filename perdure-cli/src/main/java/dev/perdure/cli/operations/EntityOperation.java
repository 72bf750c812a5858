package dev.perdure.cli.operations;

import dev.perdure.api.EntityId;
import dev.perdure.api.InvalidInstanceIdException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** A command that works on one entity. */
abstract class EntityOperation extends Operation {
  @Parameters(
      index = "0",
      paramLabel = "ENTITY",
      converter = IdConverter.class,
      description = "The entity's id, in the form @name@key.")
  EntityId entity;

  /** Reads an id, and says how it is written if it is not. */
  static final class IdConverter implements ITypeConverter<EntityId> {
    @Override
    public EntityId convert(String text) {
      try {
        return EntityId.parse(text);
      } catch (InvalidInstanceIdException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}
