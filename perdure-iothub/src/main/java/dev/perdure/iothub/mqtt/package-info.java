/** The front for devices: MQTT 3.1.1. */
@NullMarked
package dev.perdure.iothub.mqtt;

import org.jspecify.annotations.NullMarked;
