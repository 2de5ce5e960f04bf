package cloud.lvs.backup.sink.s3;

import cloud.lvs.backup.sink.s3.rgw.NeedsRadosGateway;
import software.amazon.awssdk.services.s3.S3Client;

@NeedsRadosGateway
class VersionedBucketOnCephTest extends VersionedBucketContract {
    @Override
    S3Client directClient() {
        return RadosStore.client();
    }

    @Override
    String newBucket() {
        return RadosStore.newBucket();
    }

    @Override
    S3Sink sinkOf(String bucket) {
        return RadosStore.sink(
                RadosStore.config(bucket, RadosStore.GATEWAY.http()).prefix("p").build());
    }
}
