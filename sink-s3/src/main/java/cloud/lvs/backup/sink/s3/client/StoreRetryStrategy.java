package cloud.lvs.backup.sink.s3.client;

import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import javax.net.ssl.SSLException;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.SdkServiceException;
import software.amazon.awssdk.retries.api.AcquireInitialTokenRequest;
import software.amazon.awssdk.retries.api.AcquireInitialTokenResponse;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.retries.api.RecordSuccessRequest;
import software.amazon.awssdk.retries.api.RecordSuccessResponse;
import software.amazon.awssdk.retries.api.RefreshRetryTokenRequest;
import software.amazon.awssdk.retries.api.RefreshRetryTokenResponse;
import software.amazon.awssdk.retries.api.RetryStrategy;

/**
 * How often requests are repeated: long for a store that has answered before, since hours of a backup hang on it; briefly for
 * one that could never be reached, since that is most likely a wrong address, and for one that has never taken a large body, since
 * most likely somebody limits the size of requests.
 *
 * <p>Without the SDK's token bucket, which gives up early when several parts fail at once.
 */
final class StoreRetryStrategy implements RetryStrategy {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(20);
    private static final int ATTEMPTS_TO_REACH = 4;
    private static final int ATTEMPTS_AT_SILENCE = 2;
    private static final int ATTEMPTS_WITH_A_BODY_THAT_IS_CUT_OFF = 3;

    private final RetryStrategy lasting;
    private final RetryStrategy brief;
    private final RetryStrategy twice;
    private final RetryStrategy thrice;
    private final RetryStrategy none = AwsRetryStrategy.doNotRetry();
    private final Runnable onSkew;
    private volatile boolean answered;

    /** @param onSkew is run when the store refuses a request because of this machine's clock */
    StoreRetryStrategy(Duration patience, Runnable onSkew) {
        this.onSkew = onSkew;
        Duration first = firstPause(patience);
        this.lasting = strategy(attemptsWithin(patience), first);
        this.brief = strategy(ATTEMPTS_TO_REACH, first);
        this.twice = strategy(ATTEMPTS_AT_SILENCE, first);
        this.thrice = strategy(ATTEMPTS_WITH_A_BODY_THAT_IS_CUT_OFF, first);
    }

    private static RetryStrategy strategy(int attempts, Duration firstPause) {
        BackoffStrategy pauses = BackoffStrategy.exponentialDelayHalfJitter(firstPause, LONGEST_PAUSE);
        return AwsRetryStrategy.standardRetryStrategy().toBuilder()
                .maxAttempts(attempts)
                .backoffStrategy(pauses)
                .throttlingBackoffStrategy(pauses)
                .circuitBreakerEnabled(false)
                .build();
    }

    /** How many attempts it takes until the pauses between them add up to about {@code patience}. */
    static int attemptsWithin(Duration patience) {
        int attempts = 2;
        Duration pause = firstPause(patience);
        for (Duration waited = pause; waited.compareTo(patience) < 0; waited = waited.plus(pause)) {
            pause = pause.multipliedBy(2);
            pause = pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
            attempts++;
        }
        return attempts;
    }

    /** Before jitter; no longer than all of the patience. */
    static Duration firstPause(Duration patience) {
        return patience.compareTo(FIRST_PAUSE) < 0 ? patience : FIRST_PAUSE;
    }

    @Override
    public AcquireInitialTokenResponse acquireInitialToken(AcquireInitialTokenRequest request) {
        return lasting.acquireInitialToken(request);
    }

    @Override
    public RefreshRetryTokenResponse refreshRetryToken(RefreshRetryTokenRequest request) {
        Throwable failure = request.failure();
        if (failure instanceof SdkServiceException) {
            answered = true;
        }
        if (failure instanceof AwsServiceException refusal
                && ExceptionTranslator.code(refusal).equals("RequestTimeTooSkewed")) {
            onSkew.run();
        }
        if (ExceptionTranslator.causedBy(failure, BodyRefusedException.class)) {
            return thrice.refreshRetryToken(request);
        }
        if (answered) {
            return lasting.refreshRetryToken(request);
        }
        if (ExceptionTranslator.causedBy(failure, SSLException.class)) {
            return none.refreshRetryToken(request);
        }
        if (failure instanceof ApiCallAttemptTimeoutException
                || ExceptionTranslator.causedBy(failure, SocketTimeoutException.class)) {
            return twice.refreshRetryToken(request);
        }
        boolean unreachable = ExceptionTranslator.causedBy(failure, UnknownHostException.class)
                || ExceptionTranslator.causedBy(failure, ConnectException.class)
                || ExceptionTranslator.causedBy(failure, NoRouteToHostException.class)
                || ExceptionTranslator.isRefusedByProxy(failure);
        return (unreachable ? brief : lasting).refreshRetryToken(request);
    }

    @Override
    public RecordSuccessResponse recordSuccess(RecordSuccessRequest request) {
        answered = true;
        return lasting.recordSuccess(request);
    }

    @Override
    public int maxAttempts() {
        return lasting.maxAttempts();
    }

    /** Nothing is to be added to it. */
    @Override
    public boolean useClientDefaults() {
        return false;
    }

    @Override
    public RetryStrategy.Builder<?, ?> toBuilder() {
        return lasting.toBuilder();
    }
}
