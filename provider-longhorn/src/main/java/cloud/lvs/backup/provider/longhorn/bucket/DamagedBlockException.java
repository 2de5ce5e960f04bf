package cloud.lvs.backup.provider.longhorn.bucket;

/** A block that is not there or not what its name says; the message names the block by its checksum and says what is wrong. */
final class DamagedBlockException extends Exception {
    private static final long serialVersionUID = 1L;

    /** As many digits as tell blocks apart and fit on a line. */
    private static final int SHOWN_DIGITS = 16;

    DamagedBlockException(String checksum, String problem) {
        super("block " + checksum.substring(0, SHOWN_DIGITS) + "… " + problem);
    }
}
