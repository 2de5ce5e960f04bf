package cloud.lvs.backup.core.report;

import cloud.lvs.backup.spi.BackupId;

/**
 * Why a backup that exists does not count.
 *
 * @param backup the backup
 * @param nature what is wrong with it
 * @param reason the same in words, e.g. {@code 2026/11/k3s.db.zst is missing}
 */
public record Flaw(BackupId backup, Nature nature, String reason) {
    /** What may be wrong with a backup. */
    public enum Nature {
        /** Items failed, or shards of its group are missing. */
        PARTIAL,
        /** It was dated ahead of the moment the store saw it: made under a wrong clock. */
        DATED_AHEAD,
        /** Its manifest does not fit {@code SHA256SUMS}. */
        DAMAGED,
        /** What its manifest names is missing or has another size. */
        HOLLOW,
        /** It cannot be read now, which says nothing about what it holds. */
        UNREADABLE,
        /** The job asks for a signature, and it has none of a trusted key. */
        UNTRUSTED
    }

    /** Whether nothing can be restored from it any more. */
    public boolean isLost() {
        return nature == Nature.DAMAGED || nature == Nature.HOLLOW;
    }

    /** Whether what is stored is not what was committed, or not by whom it should have been. */
    public boolean failsVerification() {
        return isLost() || nature == Nature.UNTRUSTED;
    }

    /** E.g. {@code backup k3s-… does not count: it is hollow: 2026/11/k3s.db.zst is missing}. */
    @Override
    public String toString() {
        return "backup " + backup + " does not count: " + inWords();
    }

    /** What is wrong, without the backup. */
    public String inWords() {
        return switch (nature) {
            case PARTIAL -> "it is partial: " + reason;
            case DATED_AHEAD -> "it is dated in the future: " + reason;
            case DAMAGED -> "it is damaged: " + reason;
            case HOLLOW -> "it is hollow: " + reason;
            case UNREADABLE -> "it cannot be read now: " + reason;
            case UNTRUSTED -> "its signature is not accepted: " + reason;
        };
    }
}
