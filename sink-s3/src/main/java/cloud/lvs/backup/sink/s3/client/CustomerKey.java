package cloud.lvs.backup.sink.s3.client;

import java.util.Base64;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.UploadPartRequest;

/**
 * A key for server-side encryption that the store does not keep (SSE-C): sent along with every request that writes, reads or
 * describes an object. Thread-safe.
 */
final class CustomerKey implements ExecutionInterceptor {
    /** How long a key is. */
    static final int BYTES = 32;

    private static final String ALGORITHM = "AES256";

    private final String text;
    private final String md5;

    /** @param key {@link #BYTES} bytes */
    CustomerKey(byte[] key) {
        this.text = Base64.getEncoder().encodeToString(key);
        this.md5 = Base64.getEncoder().encodeToString(Md5.digest().digest(key));
    }

    /** As a request bears it: a secret. */
    String text() {
        return text;
    }

    @Override
    public SdkRequest modifyRequest(Context.ModifyRequest context, ExecutionAttributes attributes) {
        SdkRequest request = context.request();
        if (request instanceof PutObjectRequest put) {
            return put.toBuilder()
                    .sseCustomerAlgorithm(ALGORITHM)
                    .sseCustomerKey(text)
                    .sseCustomerKeyMD5(md5)
                    .build();
        }
        if (request instanceof CreateMultipartUploadRequest begin) {
            return begin.toBuilder()
                    .sseCustomerAlgorithm(ALGORITHM)
                    .sseCustomerKey(text)
                    .sseCustomerKeyMD5(md5)
                    .build();
        }
        if (request instanceof UploadPartRequest part) {
            return part.toBuilder()
                    .sseCustomerAlgorithm(ALGORITHM)
                    .sseCustomerKey(text)
                    .sseCustomerKeyMD5(md5)
                    .build();
        }
        if (request instanceof HeadObjectRequest head) {
            return head.toBuilder()
                    .sseCustomerAlgorithm(ALGORITHM)
                    .sseCustomerKey(text)
                    .sseCustomerKeyMD5(md5)
                    .build();
        }
        if (request instanceof GetObjectRequest get) {
            return get.toBuilder()
                    .sseCustomerAlgorithm(ALGORITHM)
                    .sseCustomerKey(text)
                    .sseCustomerKeyMD5(md5)
                    .build();
        }
        return request;
    }
}
