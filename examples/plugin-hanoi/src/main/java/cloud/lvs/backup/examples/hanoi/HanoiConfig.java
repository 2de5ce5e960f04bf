package cloud.lvs.backup.examples.hanoi;

import cloud.lvs.backup.spi.Default;
import cloud.lvs.backup.spi.Doc;
import cloud.lvs.backup.spi.Range;

/**
 * What {@code type: hanoi} takes.
 *
 * @param rings how many rings the tower has, 1 to 16
 */
@Doc("Keeps one backup a day, the older the fewer: some of yesterday, some of last week, some of last year.")
public record HanoiConfig(
        @Doc("How many rings the tower has; the largest keeps a backup for 2^rings days.")
        @Default("8")
        @Range(min = "1", max = "16")
        int rings) {
    public HanoiConfig {
        if (rings < 1 || rings > 16) {
            throw new IllegalArgumentException("rings must be 1 to 16, was " + rings);
        }
    }
}
