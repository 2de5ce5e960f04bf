package cloud.lvs.backup.provider.k3s.objects;

import cloud.lvs.backup.provider.k3s.decoding.StoredObject;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Where an object lies below the directory of a restore: {@code shop/Deployment.apps-web.yaml}, {@code _cluster/Node-n1.yaml}. */
final class FileNames {
    static final String CLUSTER = "_cluster";

    /** Besides letters and digits. */
    private static final String IN_NAMESPACES = "-";

    private static final String IN_NAMES = "-._:@+";
    /** Of the 255 bytes that file systems take. */
    private static final int MAX_LENGTH = 230;

    private FileNames() {}

    /** A relative path of two names, whatever the object calls itself. */
    static String of(ObjectRef object, StoredObject stored, String extension) {
        String group = stored.group();
        return (object.namespace().isEmpty() ? CLUSTER : safe(object.namespace(), IN_NAMESPACES)) + "/"
                + safe(stored.kind() + (group.isEmpty() ? "" : "." + group) + "-" + object.name(), IN_NAMES)
                + extension;
    }

    /** Every other character as {@code %XX}, and what is too long by its beginning and its digest. */
    private static String safe(String name, String allowed) {
        StringBuilder safe = new StringBuilder(name.length());
        for (byte each : name.getBytes(StandardCharsets.UTF_8)) {
            boolean letter =
                    (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') || (each >= '0' && each <= '9');
            if (letter || allowed.indexOf(each) >= 0) {
                safe.append((char) each);
            } else {
                safe.append(String.format("%%%02X", each));
            }
        }
        return safe.length() <= MAX_LENGTH ? safe.toString() : safe.substring(0, MAX_LENGTH - 20) + "~" + digest(name);
    }

    private static String digest(String name) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
