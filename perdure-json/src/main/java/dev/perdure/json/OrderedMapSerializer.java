package dev.perdure.json;

import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.BeanProperty;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.jsontype.TypeSerializer;
import tools.jackson.databind.ser.jdk.MapSerializer;

/** Writes maps in their own order if they have one, and otherwise in a fixed one. */
final class OrderedMapSerializer extends MapSerializer {
  private OrderedMapSerializer(MapSerializer source, @Nullable Object filterId, boolean sortKeys) {
    super(source, filterId, sortKeys);
  }

  private OrderedMapSerializer(
      MapSerializer source,
      @Nullable TypeSerializer typeSerializer,
      @Nullable Object suppressed,
      boolean suppressNulls) {
    super(source, typeSerializer, suppressed, suppressNulls);
  }

  private OrderedMapSerializer(
      MapSerializer source,
      @Nullable BeanProperty property,
      @Nullable ValueSerializer<?> keySerializer,
      @Nullable ValueSerializer<?> valueSerializer,
      @Nullable Set<String> ignored,
      @Nullable Set<String> included) {
    super(source, property, keySerializer, valueSerializer, ignored, included);
  }

  /**
   * The same as another one but for the order.
   *
   * @param filterId the filter that the other has, which it does not tell
   */
  static OrderedMapSerializer of(MapSerializer other, @Nullable Object filterId) {
    return new OrderedMapSerializer(other, filterId, false);
  }

  /** Called for every map that is not empty, because the feature for that is on. */
  @Override
  protected Map<?, ?> _orderEntries(
      Map<?, ?> entries, JsonGenerator generator, SerializationContext context) {
    return entries instanceof SequencedMap<?, ?> ? entries : Order.of(entries);
  }

  @Override
  protected MapSerializer _withValueTypeSerializer(TypeSerializer typeSerializer) {
    return new OrderedMapSerializer(this, typeSerializer, _suppressableValue, _suppressNulls);
  }

  @Override
  protected MapSerializer withResolved(
      @Nullable BeanProperty property,
      @Nullable ValueSerializer<?> keySerializer,
      @Nullable ValueSerializer<?> valueSerializer,
      @Nullable Set<String> ignored,
      @Nullable Set<String> included,
      boolean sortKeys) {
    MapSerializer resolved =
        new OrderedMapSerializer(this, property, keySerializer, valueSerializer, ignored, included);
    return new OrderedMapSerializer(resolved, _filterId, sortKeys);
  }

  @Override
  public MapSerializer withFilterId(@Nullable Object filterId) {
    return new OrderedMapSerializer(this, filterId, _sortKeys);
  }

  @Override
  public MapSerializer withContentInclusion(@Nullable Object suppressed, boolean suppressNulls) {
    return new OrderedMapSerializer(this, _valueTypeSerializer, suppressed, suppressNulls);
  }
}
