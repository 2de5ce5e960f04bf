package cloud.lvs.backup.spi;

import java.util.List;

/**
 * What to restore, and where.
 *
 * @param target where it goes
 * @param items the ids to restore; empty for all
 * @param options an instance of the provider's {@link SourceProvider#restoreType()}; {@link NoOptions} if it has none
 * @param consent whether the operator agreed to replace what exists
 * @param mode whether to do it or only to say what would be done
 */
public record RestoreRequest(RestoreTarget target, List<String> items, Record options, Consent consent, Mode mode) {
    /** Whether the operator agreed to replace what exists. */
    public enum Consent {
        NOT_GIVEN,
        GIVEN
    }

    /** Whether work is done. */
    public enum Mode {
        DRY_RUN,
        EXECUTE
    }

    public RestoreRequest {
        items = List.copyOf(items);
    }
}
