/**
 * What users register: their orchestrators, activities and entities, found by annotation, by name,
 * or by the method reference a caller wrote; and the proxies behind which they call entities.
 *
 * <p>Everything that can be wrong with a function is found when it is registered. A {@link
 * dev.perdure.engine.functions.FunctionRegistry} that exists is complete, immutable, and cheap to
 * ask.
 */
@NullMarked
package dev.perdure.engine.functions;

import org.jspecify.annotations.NullMarked;
