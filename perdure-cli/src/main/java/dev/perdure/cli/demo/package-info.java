/** Five stories that show what durable functions are good for, and that they are durable. */
@NullMarked
package dev.perdure.cli.demo;

import org.jspecify.annotations.NullMarked;
