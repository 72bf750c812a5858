package com.example.functions;

import com.microsoft.azure.functions.ExecutionContext;
import com.microsoft.azure.functions.annotation.FunctionName;
import com.microsoft.azure.functions.annotation.TimerTrigger;

/** Runs when the clock says so; the schedule is a setting. */
public class Heartbeat {
  @FunctionName("Heartbeat")
  public void beat(
      @TimerTrigger(name = "timer", schedule = "%HEARTBEAT_SCHEDULE%") String timer,
      ExecutionContext context) {
    context.getLogger().info("Alive");
  }
}
