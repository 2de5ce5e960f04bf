package cloud.lvs.backup.provider.longhorn.backup;

import cloud.lvs.backup.provider.longhorn.cluster.Volume;
import cloud.lvs.backup.spi.Item;
import java.util.Map;

/**
 * What becomes of a volume in a run.
 *
 * @param volume the volume
 * @param item {@code namespace/claim}, or the volume's name where no claim is bound
 * @param state whether it is backed up
 * @param reason why not; empty if it is
 */
public record VolumeChoice(Volume volume, String item, Item.State state, String reason) {
    static VolumeChoice selected(Volume volume) {
        return new VolumeChoice(volume, item(volume), Item.State.SELECTED, "");
    }

    static VolumeChoice excluded(Volume volume, String reason) {
        return new VolumeChoice(volume, item(volume), Item.State.EXCLUDED, reason);
    }

    static VolumeChoice unreachable(Volume volume, String reason) {
        return new VolumeChoice(volume, item(volume), Item.State.UNREACHABLE, reason);
    }

    /** What a volume is called in a catalog: by its claim, as people know it. */
    public static String item(Volume volume) {
        return volume.kubernetes().isBound() ? volume.kubernetes().claim() : volume.name();
    }

    boolean isWanted() {
        return state != Item.State.EXCLUDED;
    }

    /** As the engine knows it. */
    public Item asItem() {
        return new Item(
                item,
                state,
                reason,
                volume.sizeBytes(),
                Map.of("volume", volume.name(), "state", volume.state(), "robustness", volume.robustness()));
    }
}
