/** A local IoT hub: devices send by MQTT, programs read what they sent by AMQP. */
@NullMarked
package dev.perdure.iothub;

import org.jspecify.annotations.NullMarked;
