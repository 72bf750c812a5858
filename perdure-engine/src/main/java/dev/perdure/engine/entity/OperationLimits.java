package dev.perdure.engine.entity;

/**
 * What operations may put out.
 *
 * @param payloadBytesMax bytes of one serialized value
 * @param instanceIdCharsMax characters of an instance id
 * @param defaultVersion the version of orchestrations started without one; may be empty
 * @param knownOnly whether they signal and start only what is registered; workers may have more
 */
public record OperationLimits(
    int payloadBytesMax, int instanceIdCharsMax, String defaultVersion, boolean knownOnly) {}
