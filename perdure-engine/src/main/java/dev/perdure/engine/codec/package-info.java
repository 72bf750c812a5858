/**
 * The binary form of what the engine stores: history events, messages and states. Fields are
 * written one after the other, numbers as variable-length integers, so that encoding an event takes
 * well under a microsecond. Every kind of content begins with a tag; tags and field orders are
 * fixed for ever, new fields come as new tags.
 */
@NullMarked
package dev.perdure.engine.codec;

import org.jspecify.annotations.NullMarked;
