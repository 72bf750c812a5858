/** Event Hubs, and the endpoint of IoT Hub that speaks as they do, as triggers and outputs. */
@NullMarked
package dev.perdure.trigger.eventhubs;

import org.jspecify.annotations.NullMarked;
