package cloud.lvs.backup.core.job;

import org.jspecify.annotations.Nullable;

/**
 * What a run has to bring to be whole.
 *
 * @param minItems fewer items captured make the run partial
 * @param maxShrink a run whose plain bytes are less than {@code (1 - maxShrink)} of the previous whole backup's warns;
 *     between 0 and 1, or null for no limit
 */
public record Expectations(int minItems, @Nullable Double maxShrink) {
    /** At least one item, no limit on shrinking. */
    public static final Expectations NONE = new Expectations(1, null);

    public Expectations {
        if (minItems < 1) {
            throw new IllegalArgumentException("minItems must be at least 1, was " + minItems);
        }
        if (maxShrink != null && (maxShrink < 0 || maxShrink > 1)) {
            throw new IllegalArgumentException("maxShrink must be between 0% and 100%, was " + maxShrink);
        }
    }
}
