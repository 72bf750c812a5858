package dev.perdure.cli.operations;

import picocli.CommandLine.Command;

/** {@code perdure entities}. */
@Command(
    name = "entities",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = {
      "Lists, shows and signals entities: of a server that runs (--server, or by default the one at"
          + " http://127.0.0.1:7071), or in a hub that no program has open (--store).",
      "",
    },
    subcommands = {ListEntities.class, ShowEntity.class, SignalEntity.class})
public final class EntitiesCommand extends CommandGroup {}
