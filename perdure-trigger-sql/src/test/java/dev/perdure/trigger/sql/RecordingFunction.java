package dev.perdure.trigger.sql;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import dev.perdure.functions.trigger.FunctionRunner;
import dev.perdure.functions.trigger.Invocation;
import dev.perdure.functions.trigger.Outcome;
import dev.perdure.functions.trigger.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** A function that takes down what it gets. */
final class RecordingFunction implements FunctionRunner {
  private final List<String> batches = new ArrayList<>();
  private final List<String> failed = new ArrayList<>();
  private volatile Predicate<String> fails = batch -> false;

  @Override
  public Outcome run(Invocation invocation) {
    String batch = ((Value.Json) invocation.value()).json();
    boolean failure = fails.test(batch);
    synchronized (this) {
      (failure ? failed : batches).add(batch);
    }
    return new Outcome(null, failure ? new IllegalStateException("as told") : null);
  }

  /** Lets it fail with some batches. */
  void failIf(Predicate<String> condition) {
    fails = condition;
  }

  /** The batches with which it has not failed. */
  synchronized List<String> batches() {
    return List.copyOf(batches);
  }

  /** The batches with which it has failed. */
  synchronized List<String> failed() {
    return List.copyOf(failed);
  }

  /** The changes of all batches, each as JSON. */
  List<String> changes() {
    List<String> changes = new ArrayList<>();
    for (String batch : batches()) {
      for (JsonElement change : JsonParser.parseString(batch).getAsJsonArray()) {
        changes.add(change.toString());
      }
    }
    return changes;
  }

  /** Waits until there are so many changes, and returns them. */
  List<String> awaitChanges(int count) {
    Await.until(() -> count + " changes; there are " + changes(), () -> changes().size() >= count);
    return changes();
  }
}
