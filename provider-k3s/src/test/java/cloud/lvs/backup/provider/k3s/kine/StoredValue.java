package cloud.lvs.backup.provider.k3s.kine;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Writes values as the API server stores them, and others that it would not. */
public final class StoredValue {
    private static final int LENGTH_DELIMITED = 2;
    private static final byte[] MAGIC = {'k', '8', 's', 0};
    private static final int ANNOTATIONS = 12;

    private static final Map<String, String> KINDS = Map.ofEntries(
            Map.entry("namespaces", "v1 Namespace"),
            Map.entry("configmaps", "v1 ConfigMap"),
            Map.entry("secrets", "v1 Secret"),
            Map.entry("pods", "v1 Pod"),
            Map.entry("events", "v1 Event"),
            Map.entry("serviceaccounts", "v1 ServiceAccount"),
            Map.entry("minions", "v1 Node"),
            Map.entry("deployments", "apps/v1 Deployment"),
            Map.entry("replicasets", "apps/v1 ReplicaSet"),
            Map.entry("clusterroles", "rbac.authorization.k8s.io/v1 ClusterRole"),
            Map.entry("endpointslices", "discovery.k8s.io/v1 EndpointSlice"),
            Map.entry("leases", "coordination.k8s.io/v1 Lease"));

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** An object in its envelope. */
    public static byte[] of(String apiVersion, String kind, byte[] object) {
        byte[] type = new StoredValue().text(1, apiVersion).text(2, kind).bytes();
        StoredValue value = new StoredValue();
        value.bytes.writeBytes(MAGIC);
        return value.field(1, type).field(2, object).text(3, "").text(4, "").bytes();
    }

    /** The object that a key such as {@code /registry/pods/default/one} stands for, with something in an annotation. */
    public static byte[] at(String key, byte[] content) {
        String[] parts = key.split("/");
        String[] kind = KINDS.getOrDefault(parts[2], "v1 ConfigMap").split(" ");
        byte[] annotation = new StoredValue().text(1, "text").field(2, content).bytes();
        byte[] metadata = new StoredValue()
                .text(1, parts[parts.length - 1])
                .text(3, parts.length > 4 ? parts[3] : "")
                .field(ANNOTATIONS, annotation)
                .bytes();
        byte[] type = new StoredValue().text(1, kind[0]).text(2, kind[1]).bytes();
        StoredValue value = new StoredValue();
        value.bytes.writeBytes(MAGIC);
        // The content comes last, where it can be changed without a length becoming wrong.
        return value.text(3, "")
                .text(4, "")
                .field(1, type)
                .field(2, new StoredValue().field(1, metadata).bytes())
                .bytes();
    }

    /** As {@link #at(String, byte[])}. */
    public static byte[] at(String key, String content) {
        return at(key, content.getBytes(StandardCharsets.UTF_8));
    }

    /** The metadata of an object, which is its field 1. */
    public static StoredValue named(String name, String namespace) {
        return new StoredValue()
                .field(
                        1,
                        new StoredValue()
                                .text(1, name)
                                .text(2, "")
                                .text(3, namespace)
                                .bytes());
    }

    public StoredValue field(int number, byte[] content) {
        varint(number << 3 | LENGTH_DELIMITED);
        varint(content.length);
        bytes.writeBytes(content);
        return this;
    }

    public StoredValue text(int number, String text) {
        return field(number, text.getBytes(StandardCharsets.UTF_8));
    }

    public StoredValue number(int number, long value) {
        varint(number << 3);
        return varint(value);
    }

    public StoredValue varint(long value) {
        long left = value;
        while ((left & ~0x7fL) != 0) {
            bytes.write((int) (left & 0x7f) | 0x80);
            left >>>= 7;
        }
        bytes.write((int) left);
        return this;
    }

    public byte[] bytes() {
        return bytes.toByteArray();
    }
}
