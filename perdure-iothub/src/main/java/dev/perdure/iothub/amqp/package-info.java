/** The front for consumers and producers of events: AMQP 1.0. */
@NullMarked
package dev.perdure.iothub.amqp;

import org.jspecify.annotations.NullMarked;
