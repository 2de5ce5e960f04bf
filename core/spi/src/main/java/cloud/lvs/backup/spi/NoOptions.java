package cloud.lvs.backup.spi;

/** The options of a restore that has none: what {@link SourceProvider#restoreType()} says unless a provider says otherwise. */
public record NoOptions() {}
