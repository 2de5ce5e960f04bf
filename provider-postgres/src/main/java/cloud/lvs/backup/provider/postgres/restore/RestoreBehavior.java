package cloud.lvs.backup.provider.postgres.restore;

import cloud.lvs.backup.spi.RestoreRequest.Consent;
import cloud.lvs.backup.spi.RestoreRequest.Mode;

/**
 * How a restore is to behave.
 *
 * @param purpose what it is for
 * @param consent whether what exists may be put aside
 * @param mode whether to do it
 */
record RestoreBehavior(Purpose purpose, Consent consent, Mode mode) {
    /** What a restore is for. */
    enum Purpose {
        /** Another server than the one the backup is of. */
        PLACE,
        /** The server the backup is of. */
        IN_PLACE,
        /** A server that only serves to try it out. */
        REHEARSAL
    }
}
