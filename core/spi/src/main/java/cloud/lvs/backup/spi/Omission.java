package cloud.lvs.backup.spi;

/**
 * A part of an item that a restore did not bring back, although it restored the item.
 *
 * @param item the item's id
 * @param object what it is, e.g. {@code materialized view public.totals}
 * @param reason why not, in the words of whoever refused it
 * @param statement what was to make it, e.g. SQL, without secrets; empty if nothing short says that
 */
public record Omission(String item, String object, String reason, String statement) {}
