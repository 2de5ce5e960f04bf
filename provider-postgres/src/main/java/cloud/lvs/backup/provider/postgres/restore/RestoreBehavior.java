package cloud.lvs.backup.provider.postgres.restore;

import cloud.lvs.backup.provider.postgres.server.Quoting;
import cloud.lvs.backup.spi.RestoreRequest.Consent;
import cloud.lvs.backup.spi.RestoreRequest.Mode;

/**
 * How a restore is to behave.
 *
 * @param purpose what it is for
 * @param consent whether what exists may be put aside
 * @param mode whether to do it
 * @param command what was typed for it, but for its items and options, e.g. {@code restore ID -j JOB --to URL}
 */
record RestoreBehavior(Purpose purpose, Consent consent, Mode mode, String command) {
    /** What a restore is for. */
    enum Purpose {
        /** Another server than the one the backup is of. */
        PLACE,
        /** The server the backup is of. */
        IN_PLACE,
        /** A server that only serves to try it out. */
        REHEARSAL
    }

    /** What to type to do it in another way. */
    String again(String arguments) {
        return command + " " + arguments;
    }

    /** As one argument of a command. */
    static String argument(String text) {
        return text.matches("[A-Za-z0-9_.:/@-]+") ? text : Quoting.shell(text);
    }
}
