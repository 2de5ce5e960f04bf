package cloud.lvs.backup.sink.s3;

import software.amazon.awssdk.services.s3.S3Client;

class VersionedBucketTest extends VersionedBucketContract {
    @Override
    S3Client directClient() {
        return ProxyStore.client();
    }

    @Override
    String newBucket() {
        return ProxyStore.newBucket();
    }

    @Override
    S3Sink sinkOf(String bucket) {
        return ProxyStore.sink(ProxyStore.config(bucket).prefix("p").build());
    }
}
