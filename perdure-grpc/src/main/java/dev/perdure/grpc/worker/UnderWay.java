package dev.perdure.grpc.worker;

import dev.perdure.engine.functions.FunctionKind;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Work in the hands of workers, found by the number of its delivery or by what it is. Items are
 * linked to those that share their place in a table, so that to add and to remove one needs no
 * object. Not thread-safe.
 */
final class UnderWay {
  private static final int SIZE_MIN = 64;

  private @Nullable Item[] byDelivery = new @Nullable Item[SIZE_MIN];
  private @Nullable Item[] byKey = new @Nullable Item[SIZE_MIN];
  private int size;

  /** How many there are. */
  int size() {
    return size;
  }

  /** Adds one that is not here and has a delivery. */
  void add(Item item) {
    if (size >= byKey.length) {
      grow();
    }
    size++;
    link(item);
  }

  private void link(Item item) {
    int place = place(item.delivery);
    item.nextByDelivery = byDelivery[place];
    byDelivery[place] = item;
    place = place(item.keyHash);
    item.nextByKey = byKey[place];
    byKey[place] = item;
  }

  private int place(long delivery) {
    return (int) delivery & byDelivery.length - 1;
  }

  private int place(int keyHash) {
    return (keyHash ^ keyHash >>> 16) & byKey.length - 1;
  }

  private void grow() {
    @Nullable Item[] before = byDelivery;
    byDelivery = new @Nullable Item[2 * before.length];
    byKey = new @Nullable Item[2 * before.length];
    for (Item first : before) {
      Item next;
      for (Item item = first; item != null; item = next) {
        next = item.nextByDelivery;
        link(item);
      }
    }
  }

  /** Takes one out, with the delivery with which it was added; does nothing if it is not here. */
  void remove(Item item) {
    if (unlinkDelivery(item)) {
      unlinkKey(item);
      size--;
    }
  }

  @SuppressWarnings("ReferenceEquality") // the very same item
  private boolean unlinkDelivery(Item item) {
    int place = place(item.delivery);
    Item before = null;
    for (Item each = byDelivery[place]; each != item; each = each.nextByDelivery) {
      if (each == null) {
        return false;
      }
      before = each;
    }
    if (before == null) {
      byDelivery[place] = item.nextByDelivery;
    } else {
      before.nextByDelivery = item.nextByDelivery;
    }
    item.nextByDelivery = null;
    return true;
  }

  @SuppressWarnings("ReferenceEquality") // the very same item
  private void unlinkKey(Item item) {
    int place = place(item.keyHash);
    Item before = null;
    for (Item each = byKey[place]; each != null && each != item; each = each.nextByKey) {
      before = each;
    }
    if (before == null) {
      byKey[place] = item.nextByKey;
    } else {
      before.nextByKey = item.nextByKey;
    }
    item.nextByKey = null;
  }

  /** The item of a delivery; null if it is not here. */
  @Nullable Item find(long delivery) {
    Item item = byDelivery[place(delivery)];
    while (item != null && item.delivery != delivery) {
      item = item.nextByDelivery;
    }
    return item;
  }

  /**
   * An item by what it is. Of several, such as one of an execution that has been replaced, it is
   * that of the worker which the answer fits best, and then the one whose delivery came first.
   *
   * @param taskId the task; 0 for what is no activity
   * @param transport the connection over which its answer has come; null if that is not known
   * @return null if there is none
   */
  @Nullable Item find(
      FunctionKind kind, String instanceId, int taskId, @Nullable Object transport) {
    int hash = Item.keyHash(instanceId, taskId);
    Item found = null;
    for (Item item = byKey[place(hash)]; item != null; item = item.nextByKey) {
      if (item.keyHash == hash
          && item.kind == kind
          && item.taskId == taskId
          && item.instanceId.equals(instanceId)
          && (found == null || comesBefore(item, found, transport))) {
        found = item;
      }
    }
    return found;
  }

  private static boolean comesBefore(Item item, Item other, @Nullable Object transport) {
    int better = likeness(item, transport).compareTo(likeness(other, transport));
    return better < 0 || (better == 0 && item.delivery < other.delivery);
  }

  private static Connection.Likeness likeness(Item item, @Nullable Object transport) {
    return item.holder == null ? Connection.Likeness.POSSIBLE : item.holder.likeness(transport);
  }

  /** The same work, maybe as another item; null if it is not here. */
  @Nullable Item same(Item work) {
    for (Item item = byKey[place(work.keyHash)]; item != null; item = item.nextByKey) {
      if (item.keyHash == work.keyHash && item.kind == work.kind && item.key().equals(work.key())) {
        return item;
      }
    }
    return null;
  }

  void forEach(Consumer<Item> action) {
    for (Item first : byDelivery) {
      for (Item item = first; item != null; item = item.nextByDelivery) {
        action.accept(item);
      }
    }
  }

  /** Takes all out. */
  void clear() {
    Arrays.fill(byDelivery, null);
    Arrays.fill(byKey, null);
    size = 0;
  }
}
