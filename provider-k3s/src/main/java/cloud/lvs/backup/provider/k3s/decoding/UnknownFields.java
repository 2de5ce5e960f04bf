package cloud.lvs.backup.provider.k3s.decoding;

import java.util.ArrayList;
import java.util.List;

/**
 * The fields of an object that the schemas do not know, since a newer Kubernetes wrote them.
 *
 * @param count how many
 * @param shown the first of them, e.g. {@code spec.template.spec field 60}
 */
public record UnknownFields(int count, List<String> shown) {
    private static final int SHOWN = 5;

    public static final UnknownFields NONE = new UnknownFields(0, List.of());

    public UnknownFields {
        shown = List.copyOf(shown);
    }

    /** Those of one more field. */
    public UnknownFields with(String field) {
        if (count >= SHOWN) {
            return new UnknownFields(count + 1, shown);
        }
        List<String> more = new ArrayList<>(shown);
        more.add(field);
        return new UnknownFields(count + 1, more);
    }

    /** E.g. {@code 2 fields that Kubernetes 1.36.3 does not know are missing: spec field 99, status field 12}. */
    public String inWords(String version) {
        return count + (count == 1 ? " field" : " fields") + " that Kubernetes " + version + " does not know "
                + (count == 1 ? "is" : "are") + " missing: " + String.join(", ", shown)
                + (count > shown.size() ? ", …" : "");
    }
}
