package cloud.lvs.backup.spi;

/**
 * The part of one logical run that a backup holds.
 *
 * @param group what the shards of one logical run have in common: 1 to 32 characters of {@code a-z} and {@code 0-9}
 * @param index from 1
 * @param count how many shards there are
 */
public record Shard(String group, int index, int count) {
    public Shard {
        if (!group.matches("[a-z0-9]{1,32}")) {
            throw new IllegalArgumentException(
                    "a shard's group is 1 to 32 characters of a-z and 0-9, was '" + group + "'");
        }
        if (count < 1 || index < 1 || index > count) {
            throw new IllegalArgumentException("no such shard: " + index + " of " + count);
        }
    }
}
