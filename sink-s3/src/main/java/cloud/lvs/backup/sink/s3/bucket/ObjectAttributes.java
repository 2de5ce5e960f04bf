package cloud.lvs.backup.sink.s3.bucket;

import cloud.lvs.backup.sink.s3.S3SinkConfig;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;
import software.amazon.awssdk.services.s3.model.Tag;

/** What the objects of a sink are given when they are written: storage class, server-side encryption, tags. */
public record ObjectAttributes(S3SinkConfig config) {
    @Nullable
    public String storageClass() {
        return config.storageClass();
    }

    @Nullable
    public ServerSideEncryption encryption() {
        return switch (config.encryption()) {
            case NONE, CUSTOMER -> null;
            case AES256 -> ServerSideEncryption.AES256;
            case KMS -> ServerSideEncryption.AWS_KMS;
        };
    }

    @Nullable
    public String kmsKeyId() {
        return config.kmsKeyId();
    }

    /** As the header wants them, or null if there are none. */
    @Nullable
    public String tagging() {
        if (config.tags().isEmpty()) {
            return null;
        }
        return config.tags().entrySet().stream()
                .map(tag -> encoded(tag.getKey()) + "=" + encoded(tag.getValue()))
                .sorted()
                .collect(Collectors.joining("&"));
    }

    /** The same as values. */
    public List<Tag> tags() {
        return config.tags().entrySet().stream()
                .map(tag ->
                        Tag.builder().key(tag.getKey()).value(tag.getValue()).build())
                .toList();
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
