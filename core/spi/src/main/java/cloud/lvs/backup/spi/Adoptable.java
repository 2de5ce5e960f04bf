package cloud.lvs.backup.spi;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Objects of another tool that a source understands: those whose keys match and agree on the timestamp are one backup.
 *
 * @param name what left them, e.g. {@code k3s-sqlite CronJob}
 * @param members the objects of one backup, ordered by what to restore first
 * @param lookalikes objects that an operator may take for members: an adopt that leaves one out says why
 */
public record Adoptable(String name, List<Member> members, List<Lookalike> lookalikes) {
    /** With nothing that could be taken for a member. */
    public Adoptable(String name, List<Member> members) {
        this(name, members, List.of());
    }

    /**
     * An object that looks like a member and is none.
     *
     * @param key matches whole keys, of which no member's pattern matches
     * @param reason why it is left out, and what would change that
     */
    public record Lookalike(Pattern key, String reason) {}

    /**
     * One object of such a backup.
     *
     * @param item the item it belongs to
     * @param role what it is to the item
     * @param key matches whole keys; its group {@code timestamp} holds {@code yyyyMMdd'T'HHmmss'Z'}
     * @param codecs what was done to the plain bytes, e.g. {@code gzip}
     * @param presence whether a backup may lack it
     * @param restoreTail as in {@link Artifact}
     */
    public record Member(
            String item, String role, Pattern key, List<String> codecs, Presence presence, String restoreTail) {
        public Member {
            codecs = List.copyOf(codecs);
            if (!key.pattern().contains("(?<timestamp>")) {
                throw new IllegalArgumentException("pattern " + key + " has no group 'timestamp'");
            }
        }
    }

    /** Whether a backup may lack a member. */
    public enum Presence {
        REQUIRED,
        OPTIONAL
    }

    public Adoptable {
        members = List.copyOf(members);
        lookalikes = List.copyOf(lookalikes);
        if (members.stream().noneMatch(member -> member.presence() == Presence.REQUIRED)) {
            throw new IllegalArgumentException("'" + name + "' has no required member");
        }
    }
}
