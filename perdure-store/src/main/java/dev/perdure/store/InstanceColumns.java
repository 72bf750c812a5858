package dev.perdure.store;

import java.util.Map;

/**
 * What an instance can be listed by.
 *
 * @param id the instance's id
 * @param kind what sort of instance it is; a small number that the engine chooses
 * @param status where it stands; a small number (0 to 127) that the engine chooses
 * @param name the function behind it
 * @param version the function's version; may be empty
 * @param createdAt milliseconds since 1970
 * @param updatedAt milliseconds since 1970
 * @param completedAt milliseconds since 1970; 0 while it has not ended
 * @param parentId the instance that started it; empty if there is none
 * @param tags names and values to find it by
 */
public record InstanceColumns(
    String id,
    int kind,
    int status,
    String name,
    String version,
    long createdAt,
    long updatedAt,
    long completedAt,
    String parentId,
    Map<String, String> tags) {}
