package dev.perdure.cli.operations;

import picocli.CommandLine.Command;

/** {@code perdure instances}. */
@Command(
    name = "instances",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = {
      "Starts, lists and manages orchestrations: of a server that runs (--server, or by default the"
          + " one at http://127.0.0.1:7071), or in a hub that no program has open (--store).",
      "",
      "With --store a change is recorded and durable, and no code runs; the next program that opens"
          + " the hub goes on from there.",
      "",
    },
    subcommands = {
      ListInstances.class,
      ShowInstance.class,
      InstanceHistory.class,
      StartInstance.class,
      RaiseEvent.class,
      ChangeInstance.Suspend.class,
      ChangeInstance.Resume.class,
      ChangeInstance.Terminate.class,
      ChangeInstance.Rewind.class,
      RestartInstance.class,
      PurgeInstances.class,
      WaitForInstance.class
    })
public final class InstancesCommand extends CommandGroup {}
