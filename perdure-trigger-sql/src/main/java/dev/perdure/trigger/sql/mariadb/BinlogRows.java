package dev.perdure.trigger.sql.mariadb;

import com.github.shyiko.mysql.binlog.event.DeleteRowsEventData;
import com.github.shyiko.mysql.binlog.event.EventType;
import com.github.shyiko.mysql.binlog.event.TableMapEventData;
import com.github.shyiko.mysql.binlog.event.UpdateRowsEventData;
import com.github.shyiko.mysql.binlog.event.WriteRowsEventData;
import com.github.shyiko.mysql.binlog.event.deserialization.DeleteRowsEventDataDeserializer;
import com.github.shyiko.mysql.binlog.event.deserialization.EventDataDeserializer;
import com.github.shyiko.mysql.binlog.event.deserialization.EventDeserializer;
import com.github.shyiko.mysql.binlog.event.deserialization.EventDeserializer.CompatibilityMode;
import com.github.shyiko.mysql.binlog.event.deserialization.EventHeaderV4Deserializer;
import com.github.shyiko.mysql.binlog.event.deserialization.NullEventDataDeserializer;
import com.github.shyiko.mysql.binlog.event.deserialization.UpdateRowsEventDataDeserializer;
import com.github.shyiko.mysql.binlog.event.deserialization.WriteRowsEventDataDeserializer;
import com.github.shyiko.mysql.binlog.io.ByteArrayInputStream;
import dev.perdure.trigger.sql.connect.TableName.Qualified;
import java.io.IOException;
import java.io.Serializable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How the rows of one table are read from the log; those of others are passed over unread. */
final class BinlogRows {
  private static final int TABLE_ID_BYTES = 6;

  private final Map<Long, TableMapEventData> tables = new HashMap<>();
  private final Qualified wanted;

  BinlogRows(Qualified wanted) {
    this.wanted = wanted;
  }

  boolean isWanted(@Nullable TableMapEventData table) {
    return table != null
        && table.getDatabase().equals(wanted.schema())
        && table.getTable().equals(wanted.table());
  }

  EventDeserializer deserializer() {
    // The library fills the map of tables.
    EventDeserializer deserializer =
        new EventDeserializer(
            new EventHeaderV4Deserializer(), new NullEventDataDeserializer(), defaults(), tables);
    for (EventType type : EventType.values()) {
      EventDataDeserializer<?> rows = rows(type);
      if (rows != null) {
        deserializer.setEventDataDeserializer(type, rows);
      }
    }
    deserializer.setCompatibilityMode(
        CompatibilityMode.DATE_AND_TIME_AS_LONG_MICRO,
        CompatibilityMode.INVALID_DATE_AND_TIME_AS_MIN_VALUE,
        CompatibilityMode.CHAR_AND_BINARY_AS_BYTE_ARRAY);
    return deserializer;
  }

  @SuppressWarnings("rawtypes")
  private static Map<EventType, EventDataDeserializer> defaults() {
    EventDeserializer library = new EventDeserializer();
    Map<EventType, EventDataDeserializer> defaults = new HashMap<>();
    for (EventType type :
        List.of(
            EventType.FORMAT_DESCRIPTION,
            EventType.ROTATE,
            EventType.QUERY,
            EventType.XID,
            EventType.TABLE_MAP)) {
      defaults.put(type, library.getEventDataDeserializer(type));
    }
    return defaults;
  }

  private @Nullable EventDataDeserializer<?> rows(EventType type) {
    boolean extra =
        type == EventType.EXT_WRITE_ROWS
            || type == EventType.EXT_UPDATE_ROWS
            || type == EventType.EXT_DELETE_ROWS;
    if (EventType.isWrite(type)) {
      return new Writes().setMayContainExtraInformation(extra);
    } else if (EventType.isUpdate(type)) {
      return new Updates().setMayContainExtraInformation(extra);
    } else if (EventType.isDelete(type)) {
      return new Deletes().setMayContainExtraInformation(extra);
    }
    return null;
  }

  /** The event again from its beginning; null if it is about another table. */
  private @Nullable ByteArrayInputStream ifWanted(ByteArrayInputStream in) throws IOException {
    byte[] event = in.read(in.available());
    long id = new ByteArrayInputStream(event).readLong(TABLE_ID_BYTES);
    return isWanted(tables.get(id)) ? new ByteArrayInputStream(event) : null;
  }

  private final class Writes extends WriteRowsEventDataDeserializer {
    Writes() {
      super(tables);
    }

    @Override
    public WriteRowsEventData deserialize(ByteArrayInputStream in) throws IOException {
      ByteArrayInputStream event = ifWanted(in);
      if (event != null) {
        return super.deserialize(event);
      }
      WriteRowsEventData none = new WriteRowsEventData();
      none.setRows(List.of());
      return none;
    }

    @Override
    protected Serializable deserializeTimeV2(int digits, ByteArrayInputStream in)
        throws IOException {
      return BinlogTime.read(digits, in);
    }
  }

  private final class Updates extends UpdateRowsEventDataDeserializer {
    Updates() {
      super(tables);
    }

    @Override
    public UpdateRowsEventData deserialize(ByteArrayInputStream in) throws IOException {
      ByteArrayInputStream event = ifWanted(in);
      if (event != null) {
        return super.deserialize(event);
      }
      UpdateRowsEventData none = new UpdateRowsEventData();
      none.setRows(List.of());
      return none;
    }

    @Override
    protected Serializable deserializeTimeV2(int digits, ByteArrayInputStream in)
        throws IOException {
      return BinlogTime.read(digits, in);
    }
  }

  private final class Deletes extends DeleteRowsEventDataDeserializer {
    Deletes() {
      super(tables);
    }

    @Override
    public DeleteRowsEventData deserialize(ByteArrayInputStream in) throws IOException {
      ByteArrayInputStream event = ifWanted(in);
      if (event != null) {
        return super.deserialize(event);
      }
      DeleteRowsEventData none = new DeleteRowsEventData();
      none.setRows(List.of());
      return none;
    }

    @Override
    protected Serializable deserializeTimeV2(int digits, ByteArrayInputStream in)
        throws IOException {
      return BinlogTime.read(digits, in);
    }
  }
}
