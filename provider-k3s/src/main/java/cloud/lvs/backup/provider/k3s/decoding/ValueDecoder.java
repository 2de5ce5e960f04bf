package cloud.lvs.backup.provider.k3s.decoding;

import cloud.lvs.backup.provider.k3s.decoding.UndecodableValueException.Reason;
import cloud.lvs.backup.provider.k3s.secrets.EncryptionConfig;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Optional;

/**
 * Makes objects of what the API server stores: protobuf in an envelope ({@code k8s\0} and {@code runtime.Unknown}), or JSON,
 * either of them perhaps encrypted.
 */
public final class ValueDecoder {
    /** No API server takes more than 3 MiB; what is larger is not read into memory. */
    public static final int MAX_BYTES = 8 << 20;

    private static final byte[] MAGIC = {'k', '8', 's', 0};

    private final KubernetesSchema schema;
    private final EncryptionConfig keys;
    private final JsonDecoder json = new JsonDecoder();

    public ValueDecoder(KubernetesSchema schema, EncryptionConfig keys) {
        this.schema = schema;
        this.keys = keys;
    }

    /**
     * The object of a row.
     *
     * @param revision the row's id, which the API server gives as {@code resourceVersion}
     */
    public StoredObject decode(String key, byte[] value, long revision) throws UndecodableValueException {
        byte[] plain;
        try {
            plain = keys.read(key, value);
        } catch (GeneralSecurityException e) {
            throw new UndecodableValueException(Reason.ENCRYPTED, String.valueOf(e.getMessage()));
        }
        StoredObject stored;
        try {
            stored = plain(plain);
        } finally {
            if (plain != value) {
                Arrays.fill(plain, (byte) 0);
            }
        }
        if (!(stored.json().get("metadata") instanceof ObjectNode metadata)) {
            throw UndecodableValueException.damaged("has no metadata");
        }
        metadata.remove("selfLink");
        metadata.put("resourceVersion", Long.toString(revision));
        return stored;
    }

    private StoredObject plain(byte[] plain) throws UndecodableValueException {
        if (plain.length >= MAGIC.length && Arrays.equals(plain, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            return protobuf(plain);
        }
        if (plain.length > 0 && plain[0] == '{') {
            ObjectNode object = json.object(plain);
            return new StoredObject(CustomResourceDefinitions.asServed(object), UnknownFields.NONE);
        }
        throw UndecodableValueException.damaged("is neither protobuf nor JSON as the API server stores it");
    }

    private StoredObject protobuf(byte[] plain) throws UndecodableValueException {
        WireReader envelope = WireReader.of(plain, MAGIC.length);
        WireReader raw = null;
        String apiVersion = "";
        String kind = "";
        while (envelope.hasMore()) {
            int tag = envelope.tag();
            switch (tag) {
                case 1 << 3 | WireReader.BYTES -> {
                    WireReader type = envelope.nested();
                    while (type.hasMore()) {
                        int field = type.tag();
                        switch (field) {
                            case 1 << 3 | WireReader.BYTES ->
                                apiVersion = type.nested().text();
                            case 2 << 3 | WireReader.BYTES ->
                                kind = type.nested().text();
                            default -> type.skip(field);
                        }
                    }
                }
                case 2 << 3 | WireReader.BYTES -> raw = envelope.nested();
                case 3 << 3 | WireReader.BYTES, 4 << 3 | WireReader.BYTES -> {
                    if (envelope.nested().hasMore()) {
                        throw new UndecodableValueException(
                                Reason.NO_SCHEMA, "is stored in a form that is not known here");
                    }
                }
                default -> envelope.skip(tag);
            }
        }
        Optional<MessageSchema> message = schema.of(apiVersion, kind);
        if (message.isEmpty()) {
            if (!apiVersion.matches("[!-~]{1,300}") || !kind.matches("[A-Za-z0-9]{1,100}")) {
                throw UndecodableValueException.damaged("is not whole: it does not say of which kind it is");
            }
            throw new UndecodableValueException(
                    Reason.NO_SCHEMA,
                    "is a " + kind + " of " + apiVersion + ", which Kubernetes " + schema.version()
                            + ", whose schemas are used, does not have");
        }
        if (raw == null) {
            throw UndecodableValueException.damaged("is not whole: its envelope holds no object");
        }
        ProtobufDecoder decoder = new ProtobufDecoder(schema, json);
        ObjectNode decoded = decoder.decode(raw, message.get());
        // Of what is nested the kind is not stored; here the API server adds it (pkg/apis/apps/v1/conversion.go).
        for (JsonNode template : decoded.path("spec").path("volumeClaimTemplates")) {
            ((ObjectNode) template).put("apiVersion", "v1").put("kind", "PersistentVolumeClaim");
        }
        ObjectNode object = decoded.objectNode();
        object.put("apiVersion", apiVersion);
        object.put("kind", kind);
        object.setAll(decoded);
        return new StoredObject(object, decoder.unknown());
    }
}
