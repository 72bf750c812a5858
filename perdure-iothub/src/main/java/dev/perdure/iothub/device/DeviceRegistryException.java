package dev.perdure.iothub.device;

import org.jspecify.annotations.Nullable;

/** Devices cannot be read or changed as asked. */
public final class DeviceRegistryException extends RuntimeException {
  private static final long serialVersionUID = 1;

  DeviceRegistryException(String message) {
    this(message, null);
  }

  DeviceRegistryException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
