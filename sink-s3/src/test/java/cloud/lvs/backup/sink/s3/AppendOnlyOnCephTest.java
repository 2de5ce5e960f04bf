package cloud.lvs.backup.sink.s3;

import cloud.lvs.backup.contract.TestClock;
import cloud.lvs.backup.sink.s3.rgw.NeedsRadosGateway;
import cloud.lvs.backup.sink.s3.rgw.RadosGateway.Keys;
import cloud.lvs.backup.spi.Secret;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * With a user of its own, and a bucket policy that says what it may; and that the bucket's owner may do with its objects what
 * he likes, which S3 does not give him by itself.
 */
@NeedsRadosGateway
class AppendOnlyOnCephTest extends AppendOnlyContract {
    private static final String USER = "append-only";

    private static Keys writer;

    private String bucket = "";

    AppendOnlyOnCephTest() {
        super(TestClock.machine().instant());
    }

    @BeforeAll
    static void makeUser() {
        writer = RadosStore.GATEWAY.newUser(USER);
    }

    @Override
    void newBucket() {
        bucket = RadosStore.newBucket();
        RadosStore.client().putBucketPolicy(request -> request.bucket(bucket).policy("""
                {
                  "Version": "2012-10-17",
                  "Statement": [
                    {
                      "Effect": "Allow",
                      "Principal": {"AWS": ["arn:aws:iam:::user/%1$s"]},
                      "Action": ["s3:PutObject", "s3:GetObject", "s3:ListBucket"],
                      "Resource": ["arn:aws:s3:::%2$s", "arn:aws:s3:::%2$s/*"]
                    },
                    {
                      "Effect": "Allow",
                      "Principal": {"AWS": ["arn:aws:iam:::user/owner"]},
                      "Action": ["s3:*"],
                      "Resource": ["arn:aws:s3:::%2$s", "arn:aws:s3:::%2$s/*"]
                    }
                  ]
                }""".formatted(USER, bucket)));
    }

    @Override
    S3Sink writer() {
        return RadosStore.sink(RadosStore.config(bucket, RadosStore.GATEWAY.http())
                .keys(new Secret(writer.id()), new Secret(writer.secret()))
                .build());
    }

    @Override
    S3Sink keeper() {
        return RadosStore.sink(
                RadosStore.config(bucket, RadosStore.GATEWAY.http()).build());
    }

    @Override
    List<String> keys() {
        return RadosStore.client().listObjectsV2(request -> request.bucket(bucket)).contents().stream()
                .map(S3Object::key)
                .toList();
    }

    @Override
    int unfinishedUploads() {
        return RadosStore.uploads(bucket);
    }
}
