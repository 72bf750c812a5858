/** AMQP messages as bytes: written once, taken apart without being decoded. */
@NullMarked
package dev.perdure.iothub.codec;

import org.jspecify.annotations.NullMarked;
